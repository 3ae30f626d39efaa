import { type Delivery, redeliveryOf } from '@token-handshake/core';
import type { Call } from '@token-handshake/core/callee';
import type { StigmerContext } from '../context.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { StigmerError } from '../stigmer-error.ts';
import { MAX_TRIES, requireCall, waitChanged, waitClosed } from './require-call.ts';
import { wakeWorkflow } from './wake-workflow.ts';

/**
 * Delivers a stored outcome now, because an operator wants it:
 *
 * 1. A wait that was closed although its caller has no outcome is opened again.
 * 2. An open wait's workflow is woken: it ends its pause and delivers.
 * 3. Where there is none, or the wait was closed, the outcome is delivered at once, as the workflow would.
 *
 * Waking and delivering are safe to do twice, whoever else does it: the caller takes one outcome.
 *
 * @returns what the attempt came to; `undefined` where the workflow was woken
 * @throws StigmerError `WAIT_NOT_FOUND`, `WAIT_CLOSED`, `WAIT_HAS_NO_FINAL`, `WAIT_CHANGED`
 */
export async function redeliver(
  context: StigmerContext,
  id: string,
  reason: string,
): Promise<Delivery | undefined> {
  const before = await openAgain(context, id, reason);
  const { executionId, state } = before;
  const woken = state === 'open' && (await wakeWorkflow(context, before));
  const delivery = woken ? undefined : await context.callee.deliverer.deliver(executionId);
  // Its own attempt finds the row closed, so that it need not pause until then.
  if (state !== 'open') await wakeWorkflow(context, before);
  const result = delivery?.verdict ?? 'woken';
  context.metrics.stigmer_redeliveries_total.inc({ result });
  context.logger.info({ executionId, state, result, reason }, LOG_MESSAGES.redelivered);
  context.feed.changed(executionId);
  return delivery;
}

/** Sees to it that the row is open, and returns it as it was before. */
async function openAgain({ storage, clock }: StigmerContext, id: string, reason: string): Promise<Call> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const call = await requireCall(storage.ledger, id);
    const { executionId, generation, state } = call;
    const wish = generation === 0 ? 'refuse' : redeliveryOf(state);
    if (wish === 'refuse') throw waitClosed(call);
    if (!(await storage.executions.hasFinal(executionId))) {
      throw new StigmerError(
        'WAIT_HAS_NO_FINAL',
        `the execution "${id}" has not ended: wait for its end, or cancel it`,
      );
    }
    if (state === 'open') return call;
    const detail = reason === '' ? `was ${state}` : `was ${state}: ${reason}`;
    if (await storage.ledger.reopen(executionId, { generation, state, at: clock.now(), detail })) return call;
  }
  throw waitChanged(id);
}
