import { createHash } from 'node:crypto';
import { HandshakeError } from '../handshake-error.ts';
import type { CallId } from '../ids.ts';

/** What tells one call from every other, and is the same for all attempts of one activity. */
export interface CallIdentity {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  /**
   * `activityInfo().scheduledTimestampMs`. Two activities of one run may carry the same custom id; this differs
   * between them and stays the same over retries and resets.
   */
  readonly scheduledTimestampMs: number;
}

const USER_PREFIX = 'user:';
const MAX_USER_CALL_ID = 200;
/** Printable ASCII that survives a request header: no control characters, no blanks at either end. */
const USER_CALL_ID = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const CALL_ID = /^[0-9a-f]{64}$/;

/** The id of one logical request of a caller: the idempotency key of its `create`. */
export function callId(identity: CallIdentity): CallId {
  const { namespace, workflowId, runId, activityId, scheduledTimestampMs } = identity;
  const parts = [namespace, workflowId, runId, activityId, String(scheduledTimestampMs)];
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('hex') as CallId;
}

/**
 * A call id that the user chose, to make two activities one call: after a workflow reset or continue-as-new, or over
 * workflows. 1 to 200 printable ASCII characters.
 *
 * @throws HandshakeError `OPTIONS_INVALID`
 */
export function userCallId(value: string): CallId {
  if (!isUserPart(value)) {
    throw new HandshakeError(
      'OPTIONS_INVALID',
      `callId must be 1 to ${MAX_USER_CALL_ID} printable ASCII characters without blanks at its ends, and ` +
        `${describe(value)} came; choose a shorter or plainer one`,
    );
  }
  return `${USER_PREFIX}${value}` as CallId;
}

/** Whether a text has the form of a call id, made by {@link callId} or {@link userCallId}. */
export function isCallId(value: unknown): value is CallId {
  if (typeof value !== 'string') return false;
  return (
    CALL_ID.test(value) || (value.startsWith(USER_PREFIX) && isUserPart(value.slice(USER_PREFIX.length)))
  );
}

function isUserPart(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_USER_CALL_ID && USER_CALL_ID.test(value);
}

function describe(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return value.length > MAX_USER_CALL_ID ? `${value.length} characters` : JSON.stringify(value);
}
