import { createHash } from 'node:crypto';
import type { CallbackClaims } from '../../callback/claims.ts';
import type { KeyRing } from '../../callback/key-ring.ts';
import { seal } from '../../callback/seal.ts';
import { parseTaskToken, type TaskTokenContent } from '../../callback/task-token.ts';
import { HandshakeError } from '../../handshake-error.ts';
import type { CallId, TaskToken } from '../../ids.ts';
import type { CompletionTarget, WaitFacts } from '../completion-target.ts';
import { factsOf } from '../token-facts.ts';
import { checkTarget } from './check-target.ts';
import type { OpenedWait } from './opened-wait.ts';

/** What is taken for granted of a caller that cannot be asked about. */
const HEARTBEAT_TIMEOUT_MS = 30_000;
const RESULT_TIMEOUT_MS = 24 * 60 * 60 * 1_000;
/** The grace covers the caller's next attempt: back-off, then at most this long until its `create` is here. */
const HAND_OFF_MS = 20_000;
const DESCRIBE_MS = 2_000;

/** What a raw token is sealed with. */
export interface SealRawOptions {
  readonly target: CompletionTarget;
  readonly keyRing: KeyRing;
  readonly audience: string;
  readonly now: number;
}

/**
 * Takes a raw task token of an existing client. Anybody can write such a token, so it may only name an activity that
 * the target is meant for; and it is sealed with this callee's own key before anything else sees it.
 *
 * @throws HandshakeError `TASK_TOKEN_UNREADABLE`, `TOKEN_WRONG_NAMESPACE`, `TOKEN_ACTIVITY_NOT_ALLOWED`,
 * `TOKEN_WRONG_TARGET`
 */
export async function sealRaw(token: TaskToken, options: SealRawOptions): Promise<OpenedWait> {
  const { target, keyRing, audience, now } = options;
  const content = parseTaskToken(token);
  if (target.namespace === undefined) {
    throw new HandshakeError(
      'TOKEN_WRONG_TARGET',
      `raw task tokens are completed through a Temporal target, and "${target.name}" is none; name another one for them`,
    );
  }
  const assumed: CallbackClaims = {
    taskToken: token,
    namespace: target.namespace,
    namespaceId: content.namespaceId,
    workflowId: content.workflowId,
    runId: content.runId,
    activityId: content.activityId,
    activityType: content.activityType,
    callId: rawCallId(content),
    audience,
    ord: STALE,
    att: content.attempt,
    exp: now + RESULT_TIMEOUT_MS,
    graceMs: 3 * HEARTBEAT_TIMEOUT_MS,
    target: target.name,
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  };
  // Before anything is asked: a forged token must not make this callee ask about others' workflows.
  await checkTarget(assumed, target, audience);
  const facts = await target.describe?.(content, { timeoutMs: DESCRIBE_MS });
  const pending = facts?.kind === 'pending' ? facts : undefined;
  if (pending) refuseOtherType(content, pending);
  const ord = pending && ordOf(content, pending);
  const claims = { ...assumed, ...(pending && learnt(pending)), ...(ord !== undefined && { ord }) };
  const sealed = await seal(keyRing, claims);
  const { kid } = keyRing.sealingKey();
  return { facts: factsOf(claims), target: target.name, kid, sealed, ord, absent: facts?.kind === 'absent' };
}

type Pending = WaitFacts & { readonly kind: 'pending' };

/** A token says of which type its activity is, and anybody can write one: what is pending must be of that type. */
function refuseOtherType({ activityId, activityType }: TaskTokenContent, pending: Pending): void {
  if (pending.activityType === activityType) return;
  throw new HandshakeError(
    'TOKEN_ACTIVITY_NOT_ALLOWED',
    `the task token says that the activity "${activityId}" is of type "${activityType}", and it is not; send the token ` +
      'that the activity itself was given',
  );
}

function learnt({ heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS, longestBackOffMs = 0, expiresAt }: Pending) {
  const graceMs = Math.max(3 * heartbeatTimeoutMs, heartbeatTimeoutMs + longestBackOffMs + HAND_OFF_MS);
  return { heartbeatTimeoutMs, graceMs, ...(expiresAt !== undefined && { exp: expiresAt }) };
}

/** Refuses bytes that are no sealed token: by name if they are a raw one, since then the caller can be helped. */
export async function refuseRaw(token: Uint8Array): Promise<never> {
  try {
    parseTaskToken(token);
  } catch (cause) {
    throw new HandshakeError(
      'TOKEN_UNREADABLE',
      'expected a callback token, but the bytes are no compact JWE; send the bytes that seal() made, unchanged',
      { cause },
    );
  }
  throw new HandshakeError(
    'RAW_TOKEN_REFUSED',
    'expected a sealed callback token, and a raw task token came; seal it, or let the callee allow raw tokens',
  );
}

/** The order of a token that is not of the attempt under way: older than all others. */
const STALE = 1;

/**
 * A raw token does not say when its attempt was scheduled. If it is of the attempt under way, that attempt's start
 * orders it; otherwise it is of an older one, or of one before a reset, and counts for nothing.
 */
function ordOf(content: TaskTokenContent, facts: Pending): number | undefined {
  return facts.attempt === content.attempt ? facts.attemptStartedAt : STALE;
}

/** Equal over all attempts of one activity, as the scheduled event stays the same. */
function rawCallId(content: TaskTokenContent): CallId {
  const { namespaceId, workflowId, runId, activityId, scheduledEventId } = content;
  const parts = ['raw', namespaceId, workflowId, runId, activityId, String(scheduledEventId)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex') as CallId;
}
