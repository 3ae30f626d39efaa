import type { TokenFacts } from '../token-facts.ts';

/** A token that was opened, made from a raw one, or checked by the caller's side. */
export interface OpenedWait {
  readonly facts: TokenFacts;
  readonly target: string;
  /** The key that opens it; empty where only the caller's side has it. */
  readonly kid: string;
  readonly sealed: Uint8Array;
  /** Absent where the order of attempts is not known, as for raw tokens of a Temporal that cannot be asked. */
  readonly ord: number | undefined;
  /** Whether the caller's Temporal said that this activity waits no more. */
  readonly absent: boolean;
}
