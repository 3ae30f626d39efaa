export {
  type BeatLoad,
  type BeatTiming,
  beatDeadline,
  beatDemand,
  beatStretch,
  compareDueBeats,
  type DueBeat,
  fitsBeatBudget,
  nextBeatAt,
} from './beat-schedule.ts';
export { cancelCauseOf } from './cancel-cause-of.ts';
export type { Look } from './look.ts';
export { type OrphanEnd, orphanEnd, orphanOutcome } from './orphan-outcome.ts';
export { AGENT_EXECUTION_FAILED } from './outcome/failure-reason.ts';
export { makeEncodable } from './outcome/make-encodable.ts';
export { makeExplicit } from './outcome/make-explicit.ts';
export { outcomeOf } from './outcome/outcome-of.ts';
export { project } from './outcome/project.ts';
export { MAX_RESULT_BYTES } from './outcome/trim.ts';
export { type KnownCall, type RebindDecision, rebind } from './rebind.ts';
export { type Redelivery, redeliveryOf } from './redelivery-of.ts';
export { isPastDeadline, type LedgerView, type Resolution, resolve, resolveExpiry } from './resolve.ts';
export { type BeatDecision, resolveBeat } from './resolve-beat.ts';
export { type Settlement, settle } from './settle.ts';
export { isTooOldToStart, type Retention, startableSince } from './start-window.ts';
export { type SweepStep, type SweptRow, sweepSteps } from './sweep-steps.ts';
export { type TargetFacts, validateClaimsAgainstTarget } from './validate-claims.ts';
export { isOver, WORKFLOW_STATES, type WorkflowState } from './workflow-state.ts';
