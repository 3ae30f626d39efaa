import type { CallbackClaims } from '../../callback/claims.ts';

/** A token that was opened, or made from a raw one. */
export interface OpenedWait {
  readonly claims: CallbackClaims;
  readonly kid: string;
  readonly sealed: Uint8Array;
  /** Absent where the order of attempts is not known, as for raw tokens of a Temporal that cannot be asked. */
  readonly ord: number | undefined;
  /** Whether the caller's Temporal said that this activity waits no more. */
  readonly absent: boolean;
}
