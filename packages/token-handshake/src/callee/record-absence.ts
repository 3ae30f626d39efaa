import { cancelCauseOf } from '../decision/cancel-cause-of.ts';
import type { Resolution } from '../decision/resolve.ts';
import type { FinalStore } from './final-store.ts';
import type { Call, Ledger } from './ledger.ts';

/** What {@link recordAbsence} needs. */
export interface AbsenceStores {
  readonly ledger: Ledger;
  readonly finals: Pick<FinalStore, 'has'>;
}

/** What came of writing. `cancelled`: the run of a caller that is gone is to be stopped, and that is committed. */
export interface RecordedAbsence {
  readonly written: boolean;
  readonly cancelled: boolean;
}

const UNCHANGED: RecordedAbsence = { written: false, cancelled: false };

/**
 * Writes what the absence of a caller means, found out by a loop rather than by a delivery. A caller that is gone
 * takes its run with it, unless it wanted otherwise: the wish to cancel is committed with the verdict, so a crash in
 * between leaves both or neither. An open end is written once, not at each look.
 */
export async function recordAbsence(
  call: Call,
  { verdict, generation, effect, detail }: Resolution,
  at: number,
  { ledger, finals }: AbsenceStores,
): Promise<RecordedAbsence> {
  const { executionId } = call;
  const record = { generation, at, verdict, ...(detail !== undefined && { detail }) };
  switch (effect.kind) {
    case 'none':
      return UNCHANGED;
    case 'keep': {
      // No answer is no news, and for an open end that stands there already nothing is to be written.
      const known = verdict === 'unreachable' || call.verdict === verdict;
      if (known && (effect.unboundSince === undefined || call.unboundSince !== undefined)) return UNCHANGED;
      return { written: await ledger.recordVerdict(executionId, record, effect), cancelled: false };
    }
    case 'close': {
      const cause = cancelCauseOf(effect.state, call.onCallerGone);
      const cancel = cause !== undefined && !(await finals.has(executionId)) ? cause : undefined;
      const written = await ledger.recordVerdict(executionId, record, {
        ...effect,
        ...(cancel && { cancel }),
      });
      return { written, cancelled: written && cancel !== undefined };
    }
  }
}
