export type { Look } from './look.ts';
export { type KnownCall, type RebindDecision, rebind } from './rebind.ts';
export { isPastDeadline, type LedgerView, type Resolution, resolve, resolveExpiry } from './resolve.ts';
export { type BeatDecision, resolveBeat } from './resolve-beat.ts';
export { type Settlement, settle } from './settle.ts';
export { type TargetFacts, validateClaimsAgainstTarget } from './validate-claims.ts';
