import type { AgentExecution, AgentExecutionId } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../../context.ts';
import { currentExecution } from '../find-execution.ts';

export const getAgentExecution =
  (context: StigmerContext) =>
  ({ value }: AgentExecutionId): Promise<AgentExecution> =>
    currentExecution(context, value);
