import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  Client,
  Connection,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { startTestServer } from '@token-handshake/temporal-dev';
import { eventually } from '../../test/eventually.ts';
import { AUDIENCE, type Handed, TemporalFixture } from '../../test/temporal-fixture.ts';
import { parseTaskToken } from '../callback/index.ts';
import type { CallbackToken, TaskToken } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import type { TargetToken } from './completion-target.ts';
import { TemporalTarget, type TemporalTargetOptions } from './temporal-target.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const soon = { timeoutMs: 5_000 };

function target(options: Partial<TemporalTargetOptions> = {}): TemporalTarget {
  return new TemporalTarget({
    name: 'temporal:default',
    client: () => fixture.client,
    callee: AUDIENCE,
    ...options,
  });
}

function tokenOf({ taskToken, request }: Handed): TargetToken {
  return { sealed: request.callbackToken, claims: { ...callbackClaims(), taskToken } };
}

/** The failure of the caller's activity, as its workflow got it. */
async function failureOfCaller(handle: WorkflowHandle): Promise<Error | undefined> {
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  return cause instanceof ActivityFailure ? cause.cause : cause;
}

describe('completing a caller through its Temporal', () => {
  test('the result arrives as plain JSON, under an identity that names the callee', async () => {
    const { handle, handed } = await fixture.call();
    const result = { status: { output: 'done' }, list: [1, null, 'x'] };
    expect(await target().send(tokenOf(handed), { completed: result }, soon)).toEqual({ kind: 'ok' });
    expect(await handle.result()).toEqual(result);
    const { events } = await handle.fetchHistory();
    const completed = events?.find((event) => event.activityTaskCompletedEventAttributes);
    const { identity, result: payloads } = completed?.activityTaskCompletedEventAttributes ?? {};
    expect(identity).toBe('token-handshake/callee');
    const [payload] = payloads?.payloads ?? [];
    expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
  });

  test('what is sent goes through the callers’ own codecs', async () => {
    const { handle, handed } = await fixture.call();
    const reversed: PayloadCodec = {
      encode: async (payloads) =>
        payloads.map((payload) => ({
          metadata: { encoding: Buffer.from('binary/reversed') },
          data: Buffer.from(temporal.api.common.v1.Payload.encode(payload).finish()).reverse(),
        })),
      decode: async (payloads) =>
        payloads.map(({ data }) => temporal.api.common.v1.Payload.decode(Buffer.from(data ?? []).reverse())),
    };
    const to = target({ dataConverter: { payloadCodecs: [reversed] } });
    const result = { status: { output: 'done' } };
    expect(await to.send(tokenOf(handed), { completed: result }, soon)).toEqual({ kind: 'ok' });
    // The worker of this caller has no such codec, so only Temporal is asked.
    const { events } = await handle.fetchHistory();
    const completed = events?.find((event) => event.activityTaskCompletedEventAttributes);
    const sent = completed?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
    expect(sent.map(({ metadata }) => Buffer.from(metadata?.['encoding'] ?? []).toString())).toEqual([
      'binary/reversed',
    ]);
    const [payload] = await reversed.decode(sent);
    expect(JSON.parse(Buffer.from(payload?.data ?? []).toString())).toEqual(result);
    await handle.terminate();
  });

  test('a failure arrives with type, message and details, and is not retried', async () => {
    const { handle, handed } = await fixture.call();
    const failed = { type: 'ValueError', message: 'no such thing', details: [{ a: 1 }], retryable: false };
    expect(await target().send(tokenOf(handed), { failed }, soon)).toEqual({ kind: 'ok' });
    const failure = await failureOfCaller(handle);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'ValueError', message: 'no such thing', details: [{ a: 1 }] });
  });

  test('a cancellation that the caller asked for arrives as one, with its details', async () => {
    const { handle, handed } = await fixture.call();
    await handle.cancel();
    const to = target();
    await eventually(async () => (await to.beat(tokenOf(handed), {}, soon)).kind === 'cancel_requested');
    expect(await to.send(tokenOf(handed), { cancelled: { cause: 'caller' } }, soon)).toEqual({ kind: 'ok' });
    const failure = await failureOfCaller(handle);
    expect(failure).toBeInstanceOf(CancelledFailure);
    const { events } = await handle.fetchHistory();
    const cancelled = events?.find((event) => event.activityTaskCanceledEventAttributes);
    const [details] = cancelled?.activityTaskCanceledEventAttributes?.details?.payloads ?? [];
    expect(JSON.parse(Buffer.from(details?.data ?? []).toString())).toEqual({ cause: 'caller' });
  });

  test('a cancellation that nobody asked for arrives as a failure of its own type', async () => {
    const { handle, handed } = await fixture.call();
    const outcome = { cancelled: { cause: 'api' } };
    expect(await target().send(tokenOf(handed), outcome, soon)).toEqual({ kind: 'ok' });
    expect(await failureOfCaller(handle)).toMatchObject({
      type: 'AgentExecutionCancelled',
      nonRetryable: true,
      details: [{ cause: 'api' }],
    });
  });

  test('of ten completions at once one is taken, and the others find nobody', async () => {
    const { handle, handed } = await fixture.call();
    const to = target();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => to.send(tokenOf(handed), { completed: i }, soon)),
    );
    const kinds = answers.map((answer) => answer.kind).toSorted();
    expect(kinds).toEqual([...Array<string>(9).fill('not_found'), 'ok']);
    expect(await handle.result()).toBe(answers.findIndex((answer) => answer.kind === 'ok'));
  });

  test('the token of an older attempt finds nobody and does no harm', async () => {
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 1_000 });
    const second = await fixture.attempt(handle, 2);
    const to = target();
    expect(await to.send(tokenOf(handed), { completed: 'old' }, soon)).toEqual({ kind: 'not_found' });
    expect(await to.send(tokenOf(second), { completed: 'new' }, soon)).toEqual({ kind: 'ok' });
    expect(await handle.result()).toBe('new');
  });

  test('a token that Temporal cannot read is malformed, for completions and beats', async () => {
    const sealed = new Uint8Array() as CallbackToken;
    const to = target();
    for (const bytes of [[], [1, 2, 3], Buffer.from('not a token at all')]) {
      const token = {
        sealed,
        claims: { ...callbackClaims(), taskToken: new Uint8Array(bytes) as TaskToken },
      };
      expect(await to.send(token, { completed: 1 }, soon)).toMatchObject({ kind: 'malformed' });
      expect(await to.send(token, { cancelled: null }, soon)).toMatchObject({ kind: 'malformed' });
      expect(await to.beat(token, {}, soon)).toMatchObject({ kind: 'denied' });
    }
  });

  test('an outcome that is too large is not sent, and a smaller one still arrives', async () => {
    const { handle, handed } = await fixture.call();
    const to = target();
    const text = 'x'.repeat(2.1 * 1024 * 1024);
    for (const outcome of [
      { completed: text },
      { cancelled: text },
      { failed: { type: 'T', message: 'm', details: [text], retryable: false } },
    ]) {
      const answer = await to.send(tokenOf(handed), outcome, soon);
      expect(answer).toMatchObject({ kind: 'oversize', bytes: expect.any(Number) });
    }
    expect(await to.beat(tokenOf(handed), { progress: text }, soon)).toEqual({ kind: 'ok' });
    expect(await to.send(tokenOf(handed), { completed: 'small' }, soon)).toEqual({ kind: 'ok' });
    expect(await handle.result()).toBe('small');
  });
});

describe('asking a caller’s Temporal', () => {
  test('a waiting activity is pending with its time-outs, a completed one is absent', async () => {
    const { handle, handed } = await fixture.call({ resultTimeoutMs: 600_000, livenessTimeoutMs: 60_000 });
    const to = target();
    const facts = await to.describe(handed, soon);
    expect(facts).toMatchObject({
      kind: 'pending',
      activityType: 'stigmer/call-agent',
      attempt: 1,
      heartbeatTimeoutMs: 60_000,
      longestBackOffMs: 30_000,
    });
    const { expiresAt = 0, attemptStartedAt = 0 } = facts.kind === 'pending' ? facts : {};
    expect(expiresAt - attemptStartedAt).toBeGreaterThan(500_000);
    await to.send(tokenOf(handed), { completed: null }, soon);
    await handle.result();
    expect(await to.describe(handed, soon)).toEqual({ kind: 'absent' });
    expect(await to.describe({ ...handed, workflowId: 'nobody' }, soon)).toEqual({ kind: 'absent' });
  });

  test('an activity whose names Temporal does not take is absent: nobody can wait by them', async () => {
    const { handed } = await fixture.call();
    const to = target();
    const runId = 'no run has such an id';
    expect(await to.describe({ ...handed, runId }, soon)).toEqual({ kind: 'absent' });
    expect(await to.describe({ ...handed, workflowId: 'x'.repeat(2_000) }, soon)).toEqual({ kind: 'absent' });
  });

  test('the namespace’s id is the one in the tokens, and is asked for once', async () => {
    const { handed } = await fixture.call();
    const to = target();
    const ids = await Promise.all([to.namespaceId(), to.namespaceId()]);
    expect(ids).toEqual(Array(2).fill(parseTaskToken(handed.taskToken).namespaceId));
  });
});

describe('a Temporal that does not answer', () => {
  test('before there is a connection every answer is unreachable', async () => {
    const { handed } = await fixture.call();
    const to = target({ client: () => undefined });
    expect(await to.send(tokenOf(handed), { completed: 1 }, soon)).toMatchObject({ kind: 'unreachable' });
    expect(await to.beat(tokenOf(handed), {}, soon)).toMatchObject({ kind: 'unreachable' });
    expect(await to.describe(handed, soon)).toMatchObject({ kind: 'unknown' });
    expect(await to.namespaceId()).toBeUndefined();
  });

  test('a namespace that is not there is unreachable, not an absent caller', async () => {
    const { handed } = await fixture.call();
    const answer = await target({ namespace: 'elsewhere' }).send(tokenOf(handed), { completed: 1 }, soon);
    expect(answer).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining('elsewhere') });
  });

  test('a server that went away is unreachable within the time given, and is used again once it is back', async () => {
    await using server = await startTestServer({ ignoreAddress: true });
    const connection = await Connection.connect({ address: server.address });
    await using _ = { [Symbol.asyncDispose]: () => connection.close() };
    const to = target({ client: () => new Client({ connection }) });
    const claims = { ...callbackClaims(), taskToken: new Uint8Array([1]) as TaskToken };
    const token = { sealed: new Uint8Array() as CallbackToken, claims };
    await server.halt('SIGKILL');
    const started = performance.now();
    expect(await to.send(token, { completed: 1 }, { timeoutMs: 1_500 })).toMatchObject({
      kind: 'unreachable',
    });
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(await to.isReachable({ timeoutMs: 200 })).toBe(false);
    await server.resume();
    await eventually(async () => (await to.isReachable(soon)) || undefined);
    await eventually(async () => (await to.send(token, { completed: 1 }, soon)).kind === 'malformed');
  });
});
