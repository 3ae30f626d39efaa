import type { JsonValue } from './json.ts';

/** Why a run failed, as the caller's `ApplicationFailure` will say it. */
export interface OutcomeFailure {
  /** The failure's type, by which a caller's workflow tells failures apart. */
  readonly type: string;
  readonly message: string;
  /** Values for the caller's `details`; an empty list when there are none. */
  readonly details: readonly JsonValue[];
  /** Whether the caller's activity may be retried by Temporal. Default in the protocol: `false`. */
  readonly retryable: boolean;
}

/**
 * How a call ended, in the JSON form that every language of the handshake reads and writes: exactly one key.
 *
 * `completed` holds the result, `failed` the reason, `cancelled` the details for the caller.
 */
export type Outcome =
  | { readonly completed: JsonValue }
  | { readonly failed: OutcomeFailure }
  | { readonly cancelled: JsonValue };

/** The name of an outcome's one key. */
export type OutcomeKind = 'completed' | 'failed' | 'cancelled';

/** Says which of the three an outcome is. */
export function outcomeKind(outcome: Outcome): OutcomeKind {
  if ('completed' in outcome) return 'completed';
  return 'failed' in outcome ? 'failed' : 'cancelled';
}
