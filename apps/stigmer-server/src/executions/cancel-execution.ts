import { create } from '@bufbuild/protobuf';
import type { ExecutionId } from '@token-handshake/core';
import type { CancelCause } from '@token-handshake/core/callee';
import { CancellationSchema } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { LOG_MESSAGES } from '../log-messages.ts';

/**
 * Cancels an execution that has not ended: the wish is committed first, so that it outlives this process, then the
 * workflow is asked. The first wish counts; of an ended execution nothing changes, but a run of it that still goes on is
 * stopped.
 */
export async function cancelExecution(
  context: StigmerContext,
  executionId: ExecutionId,
  cause: CancelCause,
  message = '',
): Promise<void> {
  const { storage, clock, logger, feed, workflows } = context;
  const stored = await storage.executions.find(executionId);
  if (stored === undefined) return;
  if (stored.finalAt !== undefined) {
    // A run that nobody needs any more may be under way all the same.
    await stopRun(context, executionId);
    return;
  }
  if (await recordCancel(context, executionId, cause, message)) {
    logger.info({ executionId, cause }, LOG_MESSAGES.cancelRequested);
    feed.changed(executionId);
  }
  try {
    if (!(await workflows.cancel(executionId))) {
      logger.debug({ executionId }, 'no workflow to cancel: one that starts will see the wish');
    }
  } catch (error) {
    logger.warn({ executionId, err: error, at: clock.now() }, 'the workflow could not be asked to cancel');
  }
}

async function stopRun({ workflows, logger }: StigmerContext, executionId: ExecutionId): Promise<void> {
  try {
    await workflows.signalFinalStored(executionId);
  } catch (error) {
    logger.debug({ executionId, err: error }, 'no workflow could be told of the stored end');
  }
}

/** Writes the wish. Returns whether it is the first. */
export function recordCancel(
  { storage, clock }: Pick<StigmerContext, 'storage' | 'clock'>,
  executionId: ExecutionId,
  cause: CancelCause,
  message: string,
): Promise<boolean> {
  const now = clock.now();
  return storage.transaction(async ({ ledger, executions }) => {
    if (!(await ledger.requestCancel(executionId, cause, now))) return false;
    await executions.changeStatus(
      executionId,
      (status) => Object.assign(status, { cancellation: create(CancellationSchema, { cause, message }) }),
      now,
    );
    return true;
  });
}
