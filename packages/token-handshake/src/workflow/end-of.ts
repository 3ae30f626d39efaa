import type { OnCallerGone } from '../callee/ledger.ts';
import type { OutcomeKind } from '../outcome.ts';
import type { Delivery } from '../verdict.ts';

/** How a callee's workflow has to end. */
export interface WorkflowEnd {
  readonly status: OutcomeKind;
  /** Set when the caller was not told although it should have been: to be logged and counted in any case. */
  readonly problem?: string;
}

/**
 * Decides how a callee's workflow ends, from what delivering came to and how the run itself ended.
 *
 * | verdict | the workflow ends |
 * |---|---|
 * | `delivered`, `collected`, `duplicate`, `skipped` | as the run ended |
 * | `caller_gone`, `abandoned` | cancelled; with `detach` as the run ended, since its result is for others |
 * | `expired`, `denied`, `malformed`, `oversize`, `unconfirmed`, `unreachable` | failed after a good run; a run that failed or was cancelled keeps its own end |
 *
 * @throws TypeError for a delivery that is no end: deliver again instead
 */
export function endOf(delivery: Delivery, runEnd: OutcomeKind, onCallerGone: OnCallerGone): WorkflowEnd {
  const { verdict } = delivery;
  switch (verdict) {
    case 'delivered':
    case 'collected':
    case 'duplicate':
    case 'skipped':
      return { status: runEnd };
    case 'caller_gone':
    case 'abandoned':
      return { status: onCallerGone === 'detach' ? runEnd : 'cancelled' };
    case 'expired':
    case 'denied':
    case 'malformed':
    case 'oversize':
    case 'unconfirmed':
    case 'unreachable':
      return { status: runEnd === 'completed' ? 'failed' : runEnd, problem: problemOf(delivery) };
    case 'superseded':
    case 'unbound':
      throw new TypeError(`Expected a delivery that is an end, got "${verdict}".`);
  }
}

function problemOf({ verdict, generation, detail }: Delivery): string {
  const reason = detail === undefined ? '' : `: ${detail}`;
  return `The caller could not be completed (verdict "${verdict}", generation ${generation})${reason}`;
}
