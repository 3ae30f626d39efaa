import { executionId } from '@token-handshake/core';
import type { AgentExecution, CancelAgentExecutionRequest } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../../context.ts';
import { cancelExecution } from '../../executions/cancel-execution.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

export const cancelAgentExecution =
  (context: StigmerContext) =>
  async ({ executionId: id, reason }: CancelAgentExecutionRequest): Promise<AgentExecution> => {
    await requireExecution(context, id);
    await cancelExecution(context, executionId(id), 'api', reason);
    return currentExecution(context, id);
  };
