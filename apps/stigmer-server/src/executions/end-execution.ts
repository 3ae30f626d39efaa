import type { ExecutionId } from '@token-handshake/core';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { StoredExecution } from './execution-store.ts';
import { type ExecutionEnd, finalStatus } from './final-status.ts';
import { phaseName } from './phase.ts';

/** An execution with its end. */
export interface EndedExecution {
  readonly stored: boolean;
  readonly execution: StoredExecution;
}

/**
 * Stores how an execution ended, unless its end is stored already; then nothing changes.
 *
 * @returns the execution with the end that stands, and whether it is this one; `undefined` when there is no such
 * execution
 */
export async function endExecution(
  {
    storage,
    clock,
    logger,
    metrics,
    feed,
    progress,
    turns,
  }: Pick<StigmerContext, 'storage' | 'clock' | 'logger' | 'metrics' | 'feed' | 'progress' | 'turns'>,
  executionId: ExecutionId,
  end: ExecutionEnd,
): Promise<EndedExecution | undefined> {
  const now = clock.now();
  const written = await storage.transaction(async ({ conversations, executions, ledger }) => {
    const call = await ledger.find(executionId);
    const facts = { now, ...(call?.cancelCause && { cancelCause: call.cancelCause }) };
    const stored = await executions.storeFinal(executionId, (status) => finalStatus(status, end, facts), now);
    const phase = stored?.execution.execution.status?.phase;
    if (stored?.stored && phase === ExecutionPhase.EXECUTION_COMPLETED) await conversations.keep(executionId);
    return stored;
  });
  progress.forget(executionId);
  if (written === undefined) return undefined;
  if (written.stored) {
    const phase = phaseName(written.execution.execution.status?.phase);
    logger.info({ executionId, phase }, LOG_MESSAGES.finalStored);
    metrics.stigmer_executions_ended_total.inc({ phase });
    feed.changed(executionId);
    turns.passOn(executionId);
  }
  return written;
}
