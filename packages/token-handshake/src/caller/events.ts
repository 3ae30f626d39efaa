import type { CallId, Fingerprint } from '../ids.ts';
import type { OutcomeKind } from '../outcome.ts';

/** What every event of a hand-off carries: enough to find the call again, and nothing secret. */
export interface HandOffEventFacts {
  readonly callId: CallId;
  readonly fingerprint: Fingerprint;
  /** The first characters of the task token's Base64: the head of the namespace's id, equal for all its tokens. */
  readonly preview: string;
  /** Bytes of the sealed token. */
  readonly length: number;
  /** The activity's attempt. */
  readonly attempt: number;
}

/** A step of a hand-off, for logs, metrics and progress. */
export type HandOffEvent = HandOffEventFacts &
  (
    | { readonly kind: 'sealed'; readonly target: string; readonly audience: string }
    /** One try of `create` failed; `willRetry` says whether this attempt tries again. */
    | {
        readonly kind: 'try_failed';
        readonly tryNumber: number;
        readonly error: unknown;
        readonly willRetry: boolean;
      }
    /** The callee has taken the call: execution, binding and intent are durable there. */
    | {
        readonly kind: 'acked';
        readonly executionId: string;
        readonly tryNumber: number;
        readonly elapsedMs: number;
      }
    /** The answer to `create` held the final already: no wait. */
    | { readonly kind: 'finished'; readonly executionId: string; readonly outcome: OutcomeKind }
    /** The slot is about to be given up; the answer will come by token. */
    | { readonly kind: 'handed_off'; readonly executionId: string }
  );
