import type { CallbackClaims } from '../callback/claims.ts';
import type { Look } from '../decision/look.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { CallbackToken } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import type { TokenFacts } from './token-facts.ts';

/**
 * What the caller's side said to a completion, before the ledger is asked what that means.
 *
 * - `ok`: taken.
 * - `not_found`: not a verdict: it has to be resolved.
 * - `malformed`: token or outcome cannot be read. `not_requested`: a cancellation was reported that nobody asked for.
 * - `denied`: not allowed. `oversize`: too large for Temporal; nothing was sent. `unreachable`: no answer in time.
 */
export type CompletionAnswer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'not_requested' }
  | { readonly kind: 'denied'; readonly detail: string }
  | { readonly kind: 'oversize'; readonly bytes: number }
  /** `notSent` where that is sure: else the outcome may have been taken. */
  | { readonly kind: 'unreachable'; readonly detail: string; readonly notSent?: true };

/** What came back with a beat: the only way in which a waiting caller can speak. */
export type BeatAnswer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'cancel_requested' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'denied'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** The token as a target needs it. */
export interface TargetToken {
  readonly sealed: CallbackToken;
  /** What it says; absent for targets that open it themselves, since this callee has no key for it. */
  readonly claims?: CallbackClaims;
}

/** One attempt's bounds. */
export interface TargetCallOptions {
  /** How long the one try may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Which waiting activity is meant. */
export interface WaitRef {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/**
 * What the caller's Temporal says of a waiting activity. `pending`: started, paused or between two attempts.
 * `absent`: closed, or never there. `unknown`: not allowed to ask, or no answer.
 */
export type WaitFacts =
  | {
      readonly kind: 'pending';
      readonly activityType: string;
      /** The number of the attempt under way. */
      readonly attempt: number;
      /** When that attempt was handed to a worker. */
      readonly attemptStartedAt?: number;
      /** When the schedule-to-close deadline passes. */
      readonly expiresAt?: number;
      readonly heartbeatTimeoutMs?: number;
      readonly longestBackOffMs?: number;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * What the caller's side says of a token that only it can open.
 *
 * - `checked`: it made all the checks; that is what the token says.
 * - `refused`: it made them, and the token is not to be used.
 * - `denied`: it may not be asked, or refuses this callee. `unreachable`: no answer in time.
 */
export type CheckAnswer =
  | { readonly kind: 'checked'; readonly facts: TokenFacts }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'denied'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** Where outcomes go: the caller's Temporal, or the caller's own service. */
export interface CompletionTarget {
  /** As callers name it, such as `temporal:default`. */
  readonly name: string;
  /** Whether it is given opened tokens, or sealed ones that only the caller's side can open. Default: `opened`. */
  readonly takes?: 'opened' | 'sealed';
  /** The caller's namespace; absent where the caller's side looks after that. */
  readonly namespace?: string;
  /** Its id, once known: it is learnt from Temporal, which may be down. */
  namespaceId(): Promise<string | undefined>;
  /** Activity types that may be completed here. */
  readonly activityTypes: readonly string[];
  /** Has a token checked that only the caller's side can open: targets that take sealed ones have this. One try. */
  check?(token: CallbackToken, options: TargetCallOptions): Promise<CheckAnswer>;
  /** Heartbeats that it allows a second, from all servers together; at least 10. Default: 200. */
  readonly beatsPerSecond?: number;
  /** Completes, fails or cancels the caller's activity: one try. Never throws for an answer of the other side. */
  send(token: TargetToken, outcome: Outcome, options: TargetCallOptions): Promise<CompletionAnswer>;
  /** Sends one beat: one try. */
  beat(token: TargetToken, details: JsonValue, options: TargetCallOptions): Promise<BeatAnswer>;
  /** Whether it answers at all, for one that did not; absent where that is not asked. */
  isReachable?(options: TargetCallOptions): Promise<boolean>;
  /**
   * Asks what became of the token's activity, for a NOT_FOUND; absent where nobody can be asked. It may answer from
   * what it was told within the last second. Never throws for an answer.
   */
  look?(token: TargetToken, options: TargetCallOptions): Promise<Look>;
  /** Asks about a waiting activity; absent where a target cannot be asked. Never throws for an answer. */
  describe?(wait: WaitRef, options: TargetCallOptions): Promise<WaitFacts>;
  close(): Promise<void>;
}
