import type { HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { ApiResourceId } from '@token-handshake/proto/apiresource';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { cancelExecution } from '../../executions/cancel-execution.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

/**
 * Cancels a running execution, then hides it. Its row goes once nobody can come back for it: until then its caller
 * is told, and a repeated create of the same call finds it.
 */
export const deleteAgentExecution =
  (context: StigmerContext) =>
  async ({ value }: ApiResourceId, { values }: HandlerContext): Promise<AgentExecution> => {
    const access = accessOf(values);
    const { finalAt } = await requireExecution(context, access, value);
    const id = executionId(value);
    if (finalAt === undefined) await cancelExecution(context, id, 'api', 'the execution was deleted');
    const answer = await currentExecution(context, access, value);
    await context.storage.executions.markDeleted(id, context.clock.now());
    context.feed.changed(value);
    return answer;
  };
