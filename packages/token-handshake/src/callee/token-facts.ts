import type { CallbackClaims } from '../callback/claims.ts';
import { digestOf, previewOf } from '../callback/fingerprint.ts';
import type { CallId, TokenDigest } from '../ids.ts';
import type { CallerRef } from './ledger.ts';

/** What a callback token says, without the task token itself. Times are milliseconds since the epoch. */
export interface TokenFacts {
  readonly callId: CallId;
  /** When the caller's attempt was scheduled: a greater one is newer. */
  readonly ord: number;
  /** The attempt's number, for people. */
  readonly att: number;
  /** When the caller's deadline over all attempts passes. */
  readonly exp: number;
  readonly heartbeatTimeoutMs: number;
  /** How long an unanswered call is kept for a caller between attempts. */
  readonly graceMs: number;
  readonly digest: TokenDigest;
  readonly activityType: string;
  readonly caller: CallerRef;
  /** The first characters of the task token's base64: the head of the namespace's id, so no secret. */
  readonly preview: string;
}

/** What opened claims say of their token. */
export function factsOf(claims: CallbackClaims): TokenFacts {
  const { callId, ord, att, exp, heartbeatTimeoutMs, graceMs, activityType, taskToken } = claims;
  const { workflowId, runId, activityId } = claims;
  return {
    callId,
    ord,
    att,
    exp,
    heartbeatTimeoutMs,
    graceMs,
    digest: digestOf(taskToken),
    activityType,
    caller: { workflowId, runId, activityId },
    preview: previewOf(taskToken),
  };
}
