import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CallbackClaims, generateKeySet, KeyRing, seal } from '../../callback/index.ts';
import type { ErrorCode } from '../../error-codes.ts';
import type { CallbackToken, CallId, TokenDigest } from '../../ids.ts';
import { callbackClaims } from '../../testing/callback-claims.ts';
import { FixedClock } from '../../testing/fixed-clock.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import type { CheckAnswer } from '../completion-target.ts';
import { createTargets } from '../targets.ts';
import { factsOf, type TokenFacts } from '../token-facts.ts';
import { TokenGate } from '../token-gate.ts';

const target = 'https://caller.example';
const principal = 'caller';
const callersRing = KeyRing.fromJwks(generateKeySet());
let claims: CallbackClaims;
let sealed: CallbackToken;
beforeAll(async () => {
  claims = callbackClaims({ target, audience: 'callee' });
  sealed = await seal(callersRing, claims);
});

/** A callee without the caller's key. */
function gateThat(answers: CheckAnswer, { known = false, now = claims.exp - 1 } = {}) {
  const scripted = new ScriptedTarget({ name: target, takes: 'sealed', onCheck: () => answers });
  return new TokenGate({
    audience: 'callee',
    keyRing: () => KeyRing.fromJwks(generateKeySet()),
    targets: createTargets([scripted]),
    isKnown: async () => known,
    clock: new FixedClock(now),
  });
}

const checked = (changes: Partial<TokenFacts> = {}): CheckAnswer => ({
  kind: 'checked',
  facts: { ...factsOf(claims), ...changes },
});

describe('a token that only the caller’s side can open', () => {
  test('is taken in with what the caller’s side says of it, and without a key of ours', async () => {
    const inspected = await gateThat(checked()).inspect(sealed, { principal });
    const { callId, exp, graceMs, ord, att, workflowId, runId, activityId } = claims;
    expect(inspected).toMatchObject({ callId, exp, graceMs, target, raw: false, known: false });
    expect(inspected.binding).toEqual({
      ord,
      att,
      kid: '',
      tokenDigest: factsOf(claims).digest,
      fingerprint: factsOf(claims).digest.slice(0, 12),
      heartbeatTimeoutMs: claims.heartbeatTimeoutMs,
      sealed,
      caller: { workflowId, runId, activityId },
    });
  });

  test.each<[ErrorCode, CheckAnswer]>([
    ['CALLER_UNREACHABLE', { kind: 'unreachable', detail: 'refused' }],
    ['CALLER_DENIED', { kind: 'denied', detail: 'it redirects' }],
    ['TOKEN_TAMPERED', { kind: 'refused', code: 'TOKEN_TAMPERED', detail: 'changed' }],
  ])('is refused as %s when the caller’s side does not check it', async (code, answer) => {
    const refused = gateThat(answer).inspect(sealed, { principal });
    await expect(refused).rejects.toMatchObject({ code, retryable: code === 'CALLER_UNREACHABLE' });
  });

  test.each<[ErrorCode, Partial<TokenFacts>]>([
    ['TOKEN_ACTIVITY_NOT_ALLOWED', { activityType: 'pay' }],
    ['TOKEN_CLAIMS_INVALID', { exp: 1 }],
    ['TOKEN_CLAIMS_INVALID', { heartbeatTimeoutMs: 1 }],
    ['TOKEN_CLAIMS_INVALID', { graceMs: 1 }],
    ['TOKEN_CLAIMS_INVALID', { ord: 0 }],
    ['TOKEN_CLAIMS_INVALID', { digest: 'f'.repeat(64) as TokenDigest }],
    ['TOKEN_CLAIMS_INVALID', { callId: '' as CallId }],
  ])('is refused as %s when what is said of it is %j', async (code, changes) => {
    const refused = gateThat(checked(changes)).inspect(sealed, { principal });
    await expect(refused).rejects.toMatchObject({ code });
  });

  test('is refused after its deadline, unless its call is known', async () => {
    const now = claims.exp + 6 * 60_000;
    const late = gateThat(checked(), { now }).inspect(sealed, { principal });
    await expect(late).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    await gateThat(checked(), { now, known: true }).inspect(sealed, { principal });
  });

  test('is refused with a key that names another call', async () => {
    const refused = gateThat(checked()).inspect(sealed, { principal, idempotencyKey: 'user:another' });
    await expect(refused).rejects.toMatchObject({ code: 'TOKEN_CALL_MISMATCH' });
  });

  test('is refused when its target is not configured', async () => {
    const elsewhere = await seal(callersRing, { ...claims, target: 'https://other.example' });
    await expect(gateThat(checked()).inspect(elsewhere, { principal })).rejects.toMatchObject({
      code: 'TOKEN_WRONG_TARGET',
    });
  });
});
