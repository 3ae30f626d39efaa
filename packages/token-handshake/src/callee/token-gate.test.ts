import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { executionOf, openCallee } from '../../test/callee-fixture.ts';
import { AUDIENCE, type Handed, TemporalFixture } from '../../test/temporal-fixture.ts';
import {
  type CallbackClaims,
  digestOf,
  fingerprintOf,
  generateKeySet,
  KeyRing,
  open,
  parseTaskToken,
  previewOf,
  seal,
} from '../callback/index.ts';
import type { ErrorCode } from '../error-codes.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import type { CalleeOptions } from './create-callee.ts';
import { TemporalTarget } from './temporal-target.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const anonymous = { principal: 'anonymous' };

async function handedOver(options: Partial<CalleeOptions> = {}) {
  const { handle, handed } = await fixture.call({ resultTimeoutMs: 3_600_000, livenessTimeoutMs: 60_000 });
  return { handle, handed, ...openCallee(fixture, options) };
}

/** The hand-off's token, sealed again with other claims. */
async function reseal({ request }: Handed, changes: Partial<CallbackClaims>, ring = fixture.keyRing) {
  const { claims } = await open(fixture.keyRing, request.callbackToken, { audience: AUDIENCE });
  return seal(ring, { ...claims, ...changes });
}

describe('the gate, with a sealed token', () => {
  test('gives what is logged and what is stored', async () => {
    const { handed, callee } = await handedOver();
    const { callbackToken, callId } = handed.request;
    const inspected = await callee.gate.inspect(callbackToken, anonymous);
    const digest = digestOf(handed.taskToken);
    expect(inspected).toMatchObject({
      callId,
      known: false,
      raw: false,
      target: 'temporal:default',
      digest,
      fingerprint: fingerprintOf(digest),
      preview: previewOf(handed.taskToken),
      length: callbackToken.length,
      graceMs: 180_000,
      caller: { target: 'temporal:default', graceMs: 180_000 },
    });
    expect(inspected.binding).toEqual({
      caller: { workflowId: handed.workflowId, runId: handed.runId, activityId: handed.activityId },
      ord: expect.any(Number),
      att: 1,
      tokenDigest: digest,
      fingerprint: inspected.fingerprint,
      kid: fixture.keyRing.sealingKey().kid,
      heartbeatTimeoutMs: 60_000,
      sealed: callbackToken,
    });
    const { claims } = await open(fixture.keyRing, callbackToken, { audience: AUDIENCE });
    expect(inspected.exp).toBe(claims.exp);
  });

  test('refuses each wrong token with a code of its own', async () => {
    const { handed, callee } = await handedOver();
    const { callbackToken } = handed.request;
    const tampered = new Uint8Array(callbackToken);
    const at = tampered.length - 30;
    tampered[at] = tampered[at] === 0x41 ? 0x42 : 0x41;
    const foreign = KeyRing.fromJwks(generateKeySet());
    const other = (content: Parameters<typeof encodeTaskToken>[0]) => ({
      taskToken: encodeTaskToken({ ...parseTaskToken(handed.taskToken), ...content }),
    });
    const elsewhere = { namespaceId: '00000000-0000-0000-0000-000000000000' };
    const cases: readonly [ErrorCode, Uint8Array][] = [
      ['TOKEN_EMPTY', new Uint8Array()],
      ['TOKEN_UNREADABLE', Buffer.from('garbage')],
      ['RAW_TOKEN_REFUSED', handed.taskToken],
      ['TOKEN_TAMPERED', tampered],
      ['TOKEN_KEY_UNKNOWN', await reseal(handed, {}, foreign)],
      ['TOKEN_WRONG_AUDIENCE', await reseal(handed, { audience: 'somebody-else' })],
      ['TOKEN_WRONG_TARGET', await reseal(handed, { target: 'temporal:unknown' })],
      ['TOKEN_WRONG_NAMESPACE', await reseal(handed, { namespace: 'other' })],
      ['TOKEN_WRONG_NAMESPACE', await reseal(handed, { ...elsewhere, ...other(elsewhere) })],
      [
        'TOKEN_ACTIVITY_NOT_ALLOWED',
        await reseal(handed, { activityType: 'pay', ...other({ activityType: 'pay' }) }),
      ],
      ['TOKEN_CLAIMS_INVALID', await reseal(handed, { workflowId: 'another' })],
      ['TOKEN_EXPIRED', await reseal(handed, { exp: Date.now() - 6 * 60_000 })],
    ];
    for (const [code, token] of cases) {
      await expect(callee.gate.inspect(token, anonymous)).rejects.toMatchObject({ code });
    }
  });

  test('refuses an idempotency key that names another call', async () => {
    const { handed, callee } = await handedOver();
    const { callbackToken, callId } = handed.request;
    await callee.gate.inspect(callbackToken, { ...anonymous, idempotencyKey: callId });
    const mismatch = callee.gate.inspect(callbackToken, { ...anonymous, idempotencyKey: 'user:other' });
    await expect(mismatch).rejects.toMatchObject({ code: 'TOKEN_CALL_MISMATCH' });
  });

  test('lets a known call pass after its deadline, since a paused caller may come back', async () => {
    const { handed, callee, admit, clock } = await handedOver();
    await admit(handed);
    clock.advance(2 * 3_600_000);
    const { callbackToken } = handed.request;
    expect(await callee.gate.inspect(callbackToken, anonymous)).toMatchObject({ known: true });
    const stranger = callee.gate.inspect(callbackToken, { principal: 'stranger' });
    await expect(stranger).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  test('takes a token without asking while the caller’s Temporal is not reachable', async () => {
    const target = new TemporalTarget({
      name: 'temporal:default',
      client: () => undefined,
      callee: AUDIENCE,
    });
    const { handed, callee } = await handedOver({ targets: [target] });
    expect(await callee.gate.inspect(handed.request.callbackToken, anonymous)).toMatchObject({
      known: false,
    });
  });
});

describe('the gate, with a raw task token of an existing client', () => {
  const allow = { rawTokens: 'allow' } as const;

  test('learns the time-outs by asking, seals the token, and delivers to it', async () => {
    const { handed, handle, callee, admit, finals, ledger } = await handedOver(allow);
    const inspected = await callee.gate.inspect(handed.taskToken, anonymous);
    expect(inspected).toMatchObject({ raw: true, length: handed.taskToken.length, graceMs: 180_000 });
    expect(inspected.binding).toMatchObject({ heartbeatTimeoutMs: 60_000, ord: expect.any(Number) });
    expect(inspected.exp - Date.now()).toBeGreaterThan(3_500_000);
    expect(Buffer.from(inspected.binding.sealed).includes(Buffer.from(handed.taskToken))).toBe(false);
    await admit(handed, { token: handed.taskToken });
    finals.set(executionOf(handed), { completed: 'raw' });
    expect(await callee.deliverer.deliver(executionOf(handed))).toMatchObject({ verdict: 'delivered' });
    expect(await handle.result()).toBe('raw');
    expect(await ledger.find(executionOf(handed))).toMatchObject({ state: 'delivered' });
  });

  test('makes one call of all attempts of an activity, and orders them', async () => {
    const { callee, admit } = openCallee(fixture, allow);
    const { handle, handed: first } = await fixture.call({ livenessTimeoutMs: 1_000 });
    const inspected = await callee.gate.inspect(first.taskToken, anonymous);
    await admit(first, { token: first.taskToken });
    const second = await fixture.attempt(handle, 2);
    expect((await callee.gate.inspect(second.taskToken, anonymous)).callId).toBe(inspected.callId);
    expect(await admit(second, { token: second.taskToken })).toMatchObject({ kind: 'rebound' });
    const late = encodeTaskToken({ ...parseTaskToken(first.taskToken), attempt: 9 });
    expect(await admit(first, { token: late })).toMatchObject({ kind: 'known' });
  });

  test('falls back to the defaults where nobody may be asked', async () => {
    const target = new TemporalTarget({
      name: 'temporal:default',
      client: () => undefined,
      callee: AUDIENCE,
    });
    const { handed, callee, clock } = await handedOver({ ...allow, targets: [target] });
    const inspected = await callee.gate.inspect(handed.taskToken, anonymous);
    expect(inspected).toMatchObject({ exp: clock.now() + 24 * 3_600_000, graceMs: 90_000 });
    expect(inspected.binding.heartbeatTimeoutMs).toBe(30_000);
    expect(inspected.binding).not.toHaveProperty('ord');
  });

  test('refuses another activity type, another namespace, garbage, and an activity that waits no more', async () => {
    const { handed, handle, callee } = await handedOver(allow);
    const content = parseTaskToken(handed.taskToken);
    const cases: readonly [ErrorCode, Uint8Array][] = [
      ['TOKEN_ACTIVITY_NOT_ALLOWED', encodeTaskToken({ ...content, activityType: 'pay' })],
      ['TOKEN_WRONG_NAMESPACE', encodeTaskToken({ ...content, namespaceId: 'else' })],
      ['TASK_TOKEN_UNREADABLE', Buffer.from('garbage')],
      ['TOKEN_EXPIRED', encodeTaskToken({ ...content, workflowId: 'forged' })],
    ];
    for (const [code, token] of cases) {
      await expect(callee.gate.inspect(token, anonymous)).rejects.toMatchObject({ code });
    }
    await fixture.client.activity.complete(handed.taskToken, 1);
    await handle.result();
    await expect(callee.gate.inspect(handed.taskToken, anonymous)).rejects.toMatchObject({
      code: 'TOKEN_EXPIRED',
    });
  });

  test('refuses a principal without the right to send them', async () => {
    const { handed, callee } = await handedOver(allow);
    const options = { principal: 'narrow', rawTokens: 'refuse' } as const;
    await expect(callee.gate.inspect(handed.taskToken, options)).rejects.toMatchObject({
      code: 'RAW_TOKEN_REFUSED',
    });
  });
});
