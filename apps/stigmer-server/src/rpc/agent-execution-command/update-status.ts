import type { HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution, AgentExecutionUpdateStatusInput } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { progressOf } from '../../executions/merge-status.ts';
import { currentExecution, requireExecution } from '../find-execution.ts';

/**
 * A runner's report. It ends nothing, whatever phase it says: that is for the runner's activity. After the end it
 * changes nothing.
 *
 * A runner outside this server may report COMPLETED and then die, and its attempt is repeated; another attempt, taken for
 * dead, may still be reporting; and whoever may call this is not proven to run this very execution. A final is write-once,
 * so taking it from here would fix an end that the run does not have. The embedded runner, which is none of these, stores
 * its good ends itself.
 */
export const updateAgentExecutionStatus =
  (context: StigmerContext) =>
  async (
    { executionId: id, status }: AgentExecutionUpdateStatusInput,
    { values }: HandlerContext,
  ): Promise<AgentExecution> => {
    const access = accessOf(values);
    await requireExecution(context, access, id);
    if (status) {
      const stored = await context.storage.executions.changeStatus(
        executionId(id),
        (known) => progressOf(known, status),
        context.clock.now(),
      );
      context.feed.changed(id);
      if (stored?.finalAt === undefined) context.progress.say(id, status.messages.at(-1)?.content ?? '');
    }
    return currentExecution(context, access, id);
  };
