import type { CallEvidence } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

type Found = Omit<Violation, 'key'>;

const TOLD: readonly string[] = ['delivered', 'collected'];

/** Holds the ledger's row and the callee's workflow against what became of the caller. */
export function checkRow({ caller, hurried, executions }: CallEvidence): readonly Found[] {
  return executions.flatMap(({ id, row, workflow }) => {
    const found: Found[] = [];
    if (row?.state === 'open') found.push({ kind: 'HUNG', what: `the row of "${id}" is still open` });
    if (workflow === 'RUNNING') found.push({ kind: 'HUNG', what: `the workflow "${id}" still runs` });
    if (row === undefined) found.push({ kind: 'WRONG', what: `"${id}" has no row in the ledger` });
    else if (row.state !== 'open' && isTold(caller) && !TOLD.includes(row.state)) {
      found.push({ kind: 'WRONG', what: `the caller has its outcome, and the row says "${row.state}"` });
    } else if (hurried && caller?.kind === 'timed-out' && TOLD.includes(row.state)) {
      found.push({ kind: 'WRONG', what: `the caller ran out of time, and the row says "${row.state}"` });
    }
    return found;
  });
}

function isTold(caller: CallEvidence['caller']): boolean {
  return caller?.kind === 'completed' || caller?.kind === 'failed';
}
