export type { OnCallerGone } from '../callee/ledger.ts';
export * from '../completion-activity.ts';
export type { JsonObject, JsonValue } from '../json.ts';
export { type Outcome, type OutcomeFailure, type OutcomeKind, outcomeKind } from '../outcome.ts';
export type { ClosingVerdict, Delivery, Verdict } from '../verdict.ts';
export * from './deliver-outcome.ts';
export * from './end-of.ts';
export * from './hand-off-activity-options.ts';
export * from './signals.ts';
