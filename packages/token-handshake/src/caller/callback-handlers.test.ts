import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CallbackVerdict,
  CancelRequestSchema,
  CheckRequestSchema,
  CompleteRequestSchema,
  FailRequestSchema,
  HeartbeatAnswer,
  HeartbeatRequestSchema,
  WaitState,
} from '@token-handshake/proto/tokenhandshake';
import { eventually } from '../../test/eventually.ts';
import { AUDIENCE, type Handed, TemporalFixture } from '../../test/temporal-fixture.ts';
import {
  type CallbackClaims,
  digestOf,
  fingerprintOf,
  generateKeySet,
  KeyRing,
  open,
  previewOf,
  seal,
} from '../callback/index.ts';
import { TemporalTarget, type TemporalTargetOptions } from '../callee/temporal-target.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { CallbackEvent } from './callback/events.ts';
import { createCallbackHandlers } from './callback-handlers.ts';

const origin = 'https://caller.example';
let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
  fixture.target = origin;
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const events: CallbackEvent[] = [];
function handlers(options: Partial<TemporalTargetOptions> = {}, origins = [origin]) {
  return createCallbackHandlers({
    audiences: ['another', AUDIENCE],
    origins,
    keyRing: () => fixture.keyRing,
    targetFor: (callee) =>
      new TemporalTarget({ name: origin, callee, client: () => fixture.client, ...options }),
    onEvent: (event) => events.push(event),
  });
}

const value = (json: JsonValue) => fromJson(ValueSchema, json);
const check = ({ request: { callbackToken } }: Handed) => create(CheckRequestSchema, { callbackToken });
const complete = ({ request: { callbackToken } }: Handed, result: JsonValue) =>
  create(CompleteRequestSchema, { callbackToken, result: value(result) });
const heartbeat = ({ request: { callbackToken } }: Handed) =>
  create(HeartbeatRequestSchema, { callbackToken, details: value({ progress: 'half' }) });

const waiting = () => fixture.call({ resultTimeoutMs: 3_600_000, livenessTimeoutMs: 60_000 });

async function reseal({ request }: Handed, changes: Partial<CallbackClaims>, ring = fixture.keyRing) {
  const { claims } = await open(fixture.keyRing, request.callbackToken, { audience: AUDIENCE });
  return seal(ring, { ...claims, ...changes });
}

describe('a wait', () => {
  test('is described to whoever holds its token', async () => {
    const { handed, handle } = await waiting();
    const digest = digestOf(handed.taskToken);
    const checked = await handlers().check(check(handed));
    expect(checked).toMatchObject({
      callId: handed.request.callId,
      att: 1,
      hbt: 60_000n,
      gra: 180_000n,
      tokenDigest: digest,
      activityType: 'stigmer/call-agent',
      workflowId: handed.workflowId,
      runId: handed.runId,
      activityId: handed.activityId,
      preview: previewOf(handed.taskToken),
      wait: WaitState.PENDING,
    });
    const { fingerprint } = { fingerprint: fingerprintOf(digest) };
    expect(events).toContainEqual({
      kind: 'checked',
      fingerprint,
      workflowId: handed.workflowId,
      activityId: handed.activityId,
      audience: AUDIENCE,
    });
    await handle.terminate();
  });

  test('is not asked about when only facts are wanted', async () => {
    const { handed, handle } = await waiting();
    const { callbackToken } = handed.request;
    const checked = await handlers().check(create(CheckRequestSchema, { callbackToken, factsOnly: true }));
    expect(checked).not.toHaveProperty('wait');
    await handle.terminate();
  });

  test('ends with a result once, and the second time is a duplicate', async () => {
    const { handed, handle } = await waiting();
    const service = handlers();
    const result = { text: 'täxt', list: [1, null, { a: true }], none: null };
    expect(await service.complete(complete(handed, result))).toEqual({ verdict: CallbackVerdict.DELIVERED });
    expect(await handle.result()).toEqual(result);
    expect(await service.complete(complete(handed, 'again'))).toEqual({
      verdict: CallbackVerdict.DUPLICATE,
      wait: WaitState.CLOSED_BY_CALLEE,
    });
  });

  test('ends with a failure that has a type', async () => {
    const { handed, handle } = await waiting();
    const { callbackToken } = handed.request;
    const failure = { type: 'ModelDown', message: 'no model', details: [value({ code: 7 })] };
    const answer = await handlers().fail(create(FailRequestSchema, { callbackToken, failure }));
    expect(answer).toEqual({ verdict: CallbackVerdict.DELIVERED });
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        cause: { type: 'ModelDown', message: 'no model', details: [{ code: 7 }], nonRetryable: true },
      },
    });
  });

  test('that is cancelled without having been asked to fails as such', async () => {
    const { handed, handle } = await waiting();
    const { callbackToken } = handed.request;
    const request = create(CancelRequestSchema, { callbackToken, details: value({ cause: 'api' }) });
    expect(await handlers().cancel(request)).toEqual({ verdict: CallbackVerdict.DELIVERED });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { type: 'AgentExecutionCancelled', details: [{ cause: 'api' }] } },
    });
  });

  test('answers heartbeats, with the wish to cancel when there is one', async () => {
    const { handed, handle } = await waiting();
    const service = handlers();
    expect(await service.heartbeat(heartbeat(handed))).toEqual({ answer: HeartbeatAnswer.ALIVE });
    await handle.cancel();
    const cancelRequested = { answer: HeartbeatAnswer.CANCEL_REQUESTED };
    await eventually(
      async () => (await service.heartbeat(heartbeat(handed))).answer === cancelRequested.answer,
    );
    const { callbackToken } = handed.request;
    const request = create(CancelRequestSchema, { callbackToken, details: value('why') });
    expect(await service.cancel(request)).toEqual({ verdict: CallbackVerdict.DELIVERED });
    await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
  });

  test('that is gone is told to be, to outcomes and heartbeats', async () => {
    const { handed, handle } = await waiting();
    await handle.terminate();
    const service = handlers();
    expect(await service.complete(complete(handed, 1))).toEqual({
      verdict: CallbackVerdict.CALLER_GONE,
      wait: WaitState.CLOSED_OTHERWISE,
    });
    expect(await service.heartbeat(heartbeat(handed))).toEqual({
      answer: HeartbeatAnswer.NOT_FOUND,
      wait: WaitState.CLOSED_OTHERWISE,
    });
  });

  test('whose Temporal cannot be asked is not known to have ended', async () => {
    const { handed, handle } = await waiting();
    await handle.terminate();
    expect(await handlers({ mayAsk: false }).complete(complete(handed, 1))).toEqual({
      verdict: CallbackVerdict.UNCONFIRMED,
      wait: WaitState.NOT_ALLOWED,
    });
  });

  test('is left alone by a result that Temporal would take and then fail it with', async () => {
    const { handed, handle } = await waiting();
    const answer = await handlers().complete(complete(handed, 'x'.repeat(2 * 1024 * 1024)));
    expect(answer).toEqual({ verdict: CallbackVerdict.OVERSIZE, bytes: expect.any(BigInt) });
    const checked = await handlers().check(check(handed));
    expect(checked.wait).toBe(WaitState.PENDING);
    await handle.terminate();
  });

  test('cannot be told while there is no connection, and nothing was sent', async () => {
    const { handed, handle } = await waiting();
    const answer = await handlers({ client: () => undefined }).complete(complete(handed, 1));
    expect(answer).toMatchObject({ verdict: CallbackVerdict.UNREACHABLE, notSent: true });
    await handle.terminate();
  });
});

describe('a token', () => {
  test('is refused with a code of its own whatever is wrong with it, by each method', async () => {
    const { handed, handle } = await waiting();
    const tampered = new Uint8Array(handed.request.callbackToken);
    const at = tampered.length - 30;
    tampered[at] = tampered[at] === 0x41 ? 0x42 : 0x41;
    const cases: readonly [ErrorCode, Uint8Array][] = [
      ['TOKEN_UNREADABLE', handed.taskToken],
      ['TOKEN_TAMPERED', tampered],
      ['TOKEN_KEY_UNKNOWN', await reseal(handed, {}, KeyRing.fromJwks(generateKeySet()))],
      ['TOKEN_WRONG_AUDIENCE', await reseal(handed, { audience: 'somebody-else' })],
      ['TOKEN_WRONG_TARGET', await reseal(handed, { target: 'https://other.example' })],
      ['TOKEN_WRONG_TARGET', await reseal(handed, { target: 'temporal:default' })],
      ['TOKEN_WRONG_NAMESPACE', await reseal(handed, { namespace: 'other' })],
      ['TOKEN_CLAIMS_INVALID', await reseal(handed, { workflowId: 'another' })],
    ];
    const service = handlers();
    for (const [code, callbackToken] of cases) {
      const refused = expect.objectContaining({ code });
      await expect(service.check(create(CheckRequestSchema, { callbackToken }))).rejects.toEqual(refused);
      await expect(service.complete(create(CompleteRequestSchema, { callbackToken }))).rejects.toEqual(
        refused,
      );
      await expect(service.fail(create(FailRequestSchema, { callbackToken }))).rejects.toEqual(refused);
      await expect(service.cancel(create(CancelRequestSchema, { callbackToken }))).rejects.toEqual(refused);
      await expect(service.heartbeat(create(HeartbeatRequestSchema, { callbackToken }))).rejects.toEqual(
        refused,
      );
    }
    await handle.terminate();
  });

  test('of an activity type that is not to be completed from outside is refused', async () => {
    const { handed, handle } = await waiting();
    const refused = handlers({ activityTypes: ['other'] }).check(check(handed));
    await expect(refused).rejects.toMatchObject({ code: 'TOKEN_ACTIVITY_NOT_ALLOWED' });
    await handle.terminate();
  });
});
