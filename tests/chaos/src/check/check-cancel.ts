import type { CallEvidence } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

type Found = Omit<Violation, 'key'>;

/** What was under way when a cancel was written may still come in: no fault holds anything up for longer. */
const UNDER_WAY_MS = 45_000;

/** A cancel that is written counts: no run begins after it, and no answer is taken long after it. */
export function checkCancel({ runs, executions }: CallEvidence): readonly Found[] {
  return executions.flatMap(({ id, row, final }) => {
    const over = (row?.cancelAt ?? Number.POSITIVE_INFINITY) + UNDER_WAY_MS;
    const own = runs.filter(({ executionId }) => executionId === id);
    const found: Found[] = [];
    for (const { run, beganAt, endedAt, answer } of own) {
      const taken =
        final?.kind === 'completed' && answer?.kind === 'answered' && answer.sha256 === final.answer.sha256;
      if (beganAt > over) found.push({ kind: 'WRONG', what: `run ${run} began after a cancel was written` });
      else if (taken && (endedAt ?? 0) > over) {
        found.push({ kind: 'WRONG', what: `the answer of run ${run} was taken after a cancel was written` });
      }
    }
    return found;
  });
}
