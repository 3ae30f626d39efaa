import type { HandlerContext } from '@connectrpc/connect';
import type { AgentExecution, AgentExecutionId } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { currentExecution } from '../find-execution.ts';

export const getAgentExecution =
  (context: StigmerContext) =>
  ({ value }: AgentExecutionId, { values }: HandlerContext): Promise<AgentExecution> =>
    currentExecution(context, accessOf(values), value);
