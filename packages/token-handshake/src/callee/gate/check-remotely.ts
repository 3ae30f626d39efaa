import { isCallId } from '../../callback/call-id.ts';
import type { CallbackHeader } from '../../callback/claims.ts';
import { fingerprintOf } from '../../callback/fingerprint.ts';
import { MIN_GRACE_HEARTBEATS } from '../../callback/sealed-claims.ts';
import { refuseActivityType } from '../../decision/validate-claims.ts';
import { HandshakeError } from '../../handshake-error.ts';
import type { CallbackToken } from '../../ids.ts';
import type { CompletionTarget } from '../completion-target.ts';
import type { TokenFacts } from '../token-facts.ts';
import type { OpenedWait } from './opened-wait.ts';

/** How long the caller's service may take to check a token, within the caller's own deadline for one try. */
const CHECK_TIMEOUT_MS = 5_000;

/**
 * Has a token checked by the caller's side, which alone has the key. What it answers is held against the token's
 * readable header, so that a confused service cannot have one token stored as another.
 *
 * @throws HandshakeError `CALLER_UNREACHABLE`, `CALLER_DENIED`, what the caller's side refuses it with,
 * `TOKEN_ACTIVITY_NOT_ALLOWED`, `TOKEN_CLAIMS_INVALID`
 */
export async function checkRemotely(
  token: CallbackToken,
  header: CallbackHeader,
  target: CompletionTarget,
): Promise<OpenedWait> {
  const answer = await target.check?.(token, { timeoutMs: CHECK_TIMEOUT_MS });
  switch (answer?.kind) {
    case 'checked': {
      const { facts } = answer;
      refuseActivityType(facts.activityType, target.name, target.activityTypes);
      refuseDisagreement(facts, header);
      return { facts, target: target.name, kid: '', sealed: token, ord: facts.ord, absent: false };
    }
    case 'refused':
      throw new HandshakeError(answer.code, `"${target.name}" refuses the token: ${answer.detail}`);
    case 'unreachable':
      throw new HandshakeError(
        'CALLER_UNREACHABLE',
        `"${target.name}" did not check the token: ${answer.detail}`,
      );
    case 'denied':
      throw new HandshakeError('CALLER_DENIED', `"${target.name}" did not check the token: ${answer.detail}`);
    case undefined:
      throw new HandshakeError('CALLER_DENIED', `"${target.name}" cannot check tokens`);
  }
}

function refuseDisagreement(facts: TokenFacts, header: CallbackHeader): void {
  const { callId, ord, exp, heartbeatTimeoutMs, graceMs, digest } = facts;
  const agrees =
    isCallId(callId) &&
    ord > 0 &&
    exp === header.exp &&
    heartbeatTimeoutMs === header.heartbeatTimeoutMs &&
    graceMs >= MIN_GRACE_HEARTBEATS * heartbeatTimeoutMs &&
    /^[0-9a-f]{64}$/.test(digest) &&
    fingerprintOf(digest) === header.fingerprint;
  if (agrees) return;
  throw new HandshakeError(
    'TOKEN_CLAIMS_INVALID',
    `what "${header.target}" says of the token disagrees with the token’s header; the service there is to answer for ` +
      'the token that it was asked about',
  );
}
