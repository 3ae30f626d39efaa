import type { HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution, CancelAgentExecutionRequest } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { cancelExecution } from '../../executions/cancel-execution.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

export const cancelAgentExecution =
  (context: StigmerContext) =>
  async (
    { executionId: id, reason }: CancelAgentExecutionRequest,
    { values }: HandlerContext,
  ): Promise<AgentExecution> => {
    const access = accessOf(values);
    await requireExecution(context, access, id);
    await cancelExecution(context, executionId(id), 'api', reason);
    return currentExecution(context, access, id);
  };
