import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { startTestServer } from '@token-handshake/temporal-dev';
import { executionOf, openCallee } from '../test/callee-fixture.ts';
import { eventually } from '../test/eventually.ts';
import { AUDIENCE, TemporalFixture } from '../test/temporal-fixture.ts';
import { seal } from './callback/index.ts';
import { systemClock } from './clock.ts';
import { COMPLETE_EXTERNAL_ACTIVITY, type CompleteExternalInput } from './completion-activity.ts';
import { TokenHandshakePlugin } from './plugin.ts';
import { callbackClaims } from './testing/callback-claims.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('the plugin of a service without a ledger', () => {
  const run = (input: CompleteExternalInput) =>
    fixture.client.workflow.execute('completeByToken', {
      taskQueue: 'by-token',
      workflowId: `by-token-${Math.random()}`,
      args: [input],
    });

  test('gives its workflows the completion activity, through the connection of their Worker', async () => {
    const plugin = new TokenHandshakePlugin({ audience: AUDIENCE, keyRing: fixture.keyRing });
    await using _ = await fixture.work({ taskQueue: 'by-token', plugins: [plugin] });
    const { handle, handed } = await fixture.call();
    const callbackToken = base64(handed.request.callbackToken);
    const outcome = { completed: { by: 'token' } };
    expect(await run({ callbackToken, outcome })).toEqual({
      verdict: 'delivered',
      generation: 0,
      closed: true,
    });
    expect(await handle.result()).toEqual({ by: 'token' });
    expect(await run({ callbackToken, outcome })).toMatchObject({ verdict: 'caller_gone', closed: true });
    expect(await run({ callbackToken: '', outcome })).toMatchObject({ verdict: 'skipped' });
    const stranger = await seal(fixture.keyRing, callbackClaims({ audience: AUDIENCE }));
    expect(await run({ callbackToken: base64(stranger), outcome })).toMatchObject({ verdict: 'denied' });
    await expect(run({ executionId: 'aex_1' })).rejects.toMatchObject({
      cause: { cause: { type: 'EXECUTION_UNKNOWN', nonRetryable: true } },
    });
  });

  test('completes through the Worker that runs the activity, whichever else has the plugin', async () => {
    const plugin = new TokenHandshakePlugin({ audience: AUDIENCE, keyRing: fixture.keyRing });
    await using elsewhere = new AsyncDisposableStack();
    const server = await startTestServer({ ignoreAddress: true });
    elsewhere.defer(() => server.stop());
    const connection = await NativeConnection.connect({ address: server.address });
    elsewhere.defer(() => connection.close());
    await using _here = await fixture.work({ taskQueue: 'by-token', plugins: [plugin] });
    await using _there = await fixture.work({ connection, taskQueue: 'by-token-there', plugins: [plugin] });
    const { handle, handed } = await fixture.call();
    const callbackToken = base64(handed.request.callbackToken);
    expect(await run({ callbackToken, outcome: { completed: 'here' } })).toMatchObject({
      verdict: 'delivered',
    });
    expect(await handle.result()).toBe('here');
  });
});

describe('the plugin of a callee', () => {
  test('runs relay and sweep for as long as its Worker, and keeps other activities', async () => {
    const { callee, admit, finals, ledger } = openCallee(fixture, { clock: systemClock });
    const plugin = new TokenHandshakePlugin({ callee });
    const other = { other: async () => 'kept' };
    expect(plugin.configureWorker({ taskQueue: 'x', activities: other }).activities).toEqual({
      ...other,
      [COMPLETE_EXTERNAL_ACTIVITY]: expect.any(Function),
    });
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 60_000 });
    await admit(handed);
    const worker = await fixture.work({ taskQueue: 'callee', plugins: [plugin] });
    const beaten = async () => (await ledger.find(executionOf(handed)))?.lastBeatAt;
    await eventually(beaten);
    finals.set(executionOf(handed), { completed: 'done' });
    const options = { taskQueue: 'callee', workflowId: 'callee-1', args: [executionOf(handed)] };
    expect(await fixture.client.workflow.execute('deliver', options)).toMatchObject({ verdict: 'delivered' });
    expect(await handle.result()).toBe('done');
    await worker[Symbol.asyncDispose]();
  });

  test('runs them again for a Worker that comes after the last one has stopped', async () => {
    const { callee, admit, ledger } = openCallee(fixture, { clock: systemClock });
    const plugin = new TokenHandshakePlugin({ callee });
    const first = await fixture.work({ taskQueue: 'callee-again', plugins: [plugin] });
    await first[Symbol.asyncDispose]();
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 60_000 });
    await admit(handed);
    await using _ = await fixture.work({ taskQueue: 'callee-again', plugins: [plugin] });
    await eventually(async () => (await ledger.find(executionOf(handed)))?.lastBeatAt);
    await handle.terminate();
  });
});
