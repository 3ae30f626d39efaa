import type { JsonValue } from '@token-handshake/core';
import type { FailureType } from '../failure-types.ts';

/** Why a run of the embedded runner failed, as its caller will see it. */
export interface RunFailure {
  /** One of this server's {@link FailureType}s, or a name that the program gave. */
  readonly type: string;
  readonly message: string;
  readonly details: readonly JsonValue[];
  /** Whether another run might succeed. It is shown; the caller's activity is not tried again: its call has ended. */
  readonly retryable: boolean;
}

/** How a run ended: an answer or a failure. A cancelled one rejects with its signal's reason instead. */
export type RunEnd =
  | { readonly kind: 'answered'; readonly output: string }
  | { readonly kind: 'failed'; readonly failure: RunFailure };

/** Makes the failed end of a run. */
export function failed(type: FailureType, message: string, details: readonly JsonValue[] = []): RunEnd {
  return { kind: 'failed', failure: { type, message, details, retryable: false } };
}
