import { create } from '@bufbuild/protobuf';
import type { Resolution } from '@token-handshake/core';
import { type Call, type RecordedAbsence, recordAbsence } from '@token-handshake/core/callee';
import { CancellationSchema } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { MAX_TRIES, requireCall, waitChanged, waitClosed } from './require-call.ts';
import { wakeWorkflow } from './wake-workflow.ts';

/**
 * Gives a caller up, because an operator wants it:
 *
 * 1. One commit: the row is closed as `abandoned`, and unless the caller wanted otherwise the wish to stop the run.
 * 2. The workflow is asked to stop, or woken where it pauses before another delivery: it finds the row closed, and ends.
 *
 * Of a wait that is given up already only the second step is repeated.
 *
 * @throws StigmerError `WAIT_NOT_FOUND`, `WAIT_CLOSED`, `WAIT_CHANGED`
 */
export async function abandon(context: StigmerContext, id: string, reason: string): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const call = await requireCall(context.storage.ledger, id);
    if (call.state === 'abandoned') return endWorkflow(context, call);
    if (call.state !== 'open' || call.generation === 0) throw waitClosed(call);
    const { written, cancelled } = await giveUp(context, call, reason);
    if (!written) continue;
    const { executionId, generation } = call;
    context.metrics.stigmer_abandons_total.inc({ run: cancelled ? 'cancelled' : 'left' });
    context.metrics.stigmer_verdicts_total.inc({ verdict: 'abandoned' });
    context.logger.warn({ executionId, generation, cancelled, reason }, LOG_MESSAGES.abandoned);
    context.feed.changed(executionId);
    return endWorkflow(context, call);
  }
  throw waitChanged(id);
}

function giveUp(
  { storage, clock }: Pick<StigmerContext, 'storage' | 'clock'>,
  call: Call,
  reason: string,
): Promise<RecordedAbsence> {
  const { executionId, generation } = call;
  const at = clock.now();
  const resolution: Resolution = {
    verdict: 'abandoned',
    generation,
    effect: { kind: 'close', state: 'abandoned' },
    ...(reason !== '' && { detail: reason }),
  };
  return storage.transaction(async ({ ledger, executions }) => {
    const finals = { has: executions.hasFinal.bind(executions) };
    const recorded = await recordAbsence(call, resolution, at, { ledger, finals });
    if (!recorded.cancelled || call.cancelCause !== undefined) return recorded;
    const cancellation = create(CancellationSchema, { cause: 'operator', message: reason });
    await executions.changeStatus(executionId, (status) => Object.assign(status, { cancellation }), at);
    return recorded;
  });
}

/** Without a final, a run that is not to be stopped goes on to its end, and finds the row closed then. */
async function endWorkflow(context: StigmerContext, { executionId }: Call): Promise<void> {
  const { storage, workflows, logger } = context;
  const call = await requireCall(storage.ledger, executionId);
  if (await storage.executions.hasFinal(executionId)) {
    await wakeWorkflow(context, call);
    return;
  }
  if (call.cancelCause === undefined) return;
  try {
    await workflows.cancel(executionId);
  } catch (error) {
    logger.warn({ executionId, err: error }, 'the workflow could not be asked to cancel: it is asked again');
  }
}
