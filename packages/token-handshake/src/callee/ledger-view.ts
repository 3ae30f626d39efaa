import type { LedgerView } from '../decision/resolve.ts';
import type { Call } from './ledger.ts';

/** What was tried, beside the row. */
export interface TriedFacts {
  readonly triedGeneration: number;
  readonly now: number;
  /** Whether a completion is out whose answer never came. Default: as the row says. */
  readonly answerLost?: boolean;
  /** Since when this server has taken creates. Default: always. */
  readonly acceptingSince?: number | undefined;
}

/** A call's row as the rules look at it. */
export function ledgerView(
  call: Call,
  { triedGeneration, now, answerLost, acceptingSince }: TriedFacts,
): LedgerView {
  const { generation, state, exp, graceMs = 0, unboundSince, unansweredSince, finishedAckAt } = call;
  return {
    triedGeneration,
    generation,
    state,
    now,
    exp,
    graceMs,
    unboundSince,
    acceptingSince,
    answerLost: answerLost ?? unansweredSince !== undefined,
    finishedAck: finishedAckAt !== undefined,
  };
}
