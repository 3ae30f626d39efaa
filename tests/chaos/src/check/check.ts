import type { CallEvidence } from '../evidence/evidence.ts';
import { checkCaller } from './check-caller.ts';
import { checkCancel } from './check-cancel.ts';
import { checkFinal } from './check-final.ts';
import { checkRow } from './check-row.ts';
import { checkRuns } from './check-runs.ts';
import type { Violation } from './violation.ts';

/** The limits within which agents are run again. */
export interface CheckLimits {
  readonly maxAttempts: number;
  readonly maxLosses: number;
}

/** Compares, for every call, what its caller got, what is stored, and what the agent really did. */
export function check(calls: readonly CallEvidence[], limits: CheckLimits): Violation[] {
  return calls.flatMap((evidence) =>
    [
      ...checkCaller(evidence),
      ...checkFinal(evidence, limits),
      ...checkRuns(evidence, limits),
      ...checkRow(evidence),
      ...checkCancel(evidence),
    ].map((found) => ({ ...found, key: evidence.key })),
  );
}
