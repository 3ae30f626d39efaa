import type { CallId, Fingerprint, TaskToken } from '../ids.ts';

/** The version of the sealed claims that this package writes and reads. */
export const CLAIMS_VERSION = 1;

/**
 * Everything that a callback token says: who waits, for whom, and until when. Times are milliseconds since the epoch.
 *
 * `target` and `heartbeatTimeoutMs` travel in the readable header, which the seal authenticates; `exp` travels in
 * both; the rest is sealed.
 */
export interface CallbackClaims {
  /** Temporal's token of the waiting attempt. Never log it. */
  readonly taskToken: TaskToken;
  readonly namespace: string;
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly activityType: string;
  readonly callId: CallId;
  /** The name of the callee that may open the token. */
  readonly audience: string;
  /** `currentAttemptScheduledTimestampMs`: a greater one is a newer attempt, resets included. */
  readonly ord: number;
  /** The attempt's number, for people: it is no order, since a reset rewinds it. */
  readonly att: number;
  /** `scheduledTimestampMs` + schedule-to-close: the deadline over all attempts. */
  readonly exp: number;
  /** How long the callee keeps an unanswered call for a caller that is between attempts. At least 3 heartbeat time-outs. */
  readonly graceMs: number;
  /** Where the outcome goes, such as `temporal:default`. */
  readonly target: string;
  /** How long the waiting activity lives without a beat. */
  readonly heartbeatTimeoutMs: number;
}

/** What can be read of a callback token without a key, and is only to be trusted once the seal was opened. */
export interface CallbackHeader {
  /** The key that sealed the token. */
  readonly kid: string;
  readonly target: string;
  readonly exp: number;
  readonly heartbeatTimeoutMs: number;
  readonly fingerprint: Fingerprint;
}
