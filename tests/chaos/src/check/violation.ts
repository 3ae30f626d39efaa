/**
 * What may be wrong with a call.
 *
 * - `LOST`: the caller's time ran out although it had time enough: what the agent answered, or would have, was lost.
 * - `DOUBLED`: a second execution for one call, or a run of the agent that neither a lost runner nor a failed attempt
 *   within the limits explains.
 * - `HUNG`: something is still under way when all is at rest: the caller, its row, the callee's workflow.
 * - `WRONG`: the caller's outcome, the stored one, the row and what the agent did do not agree.
 * - `LEAKED`: a token or a secret is where it must not be.
 * - `CRASHED`: a process ended by itself.
 */
export type ViolationKind = 'LOST' | 'DOUBLED' | 'HUNG' | 'WRONG' | 'LEAKED' | 'CRASHED';

/** Something that must not be. */
export interface Violation {
  readonly kind: ViolationKind;
  /** The call's key; absent for what belongs to no call. */
  readonly key?: string;
  readonly what: string;
}
