import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure, CompleteAsyncError, type Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { callId, fingerprintOf, generateKeySet, KeyRing, open } from '../callback/index.ts';
import type { TaskToken } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import { callerActivityInfo } from '../testing/caller-activity.ts';
import { type ScriptedAck, ScriptedCallee } from '../testing/scripted-callee.ts';
import type { HandOffEvent } from './events.ts';
import { handOff } from './hand-off.ts';
import type { HandOffOptions } from './options.ts';

const keyRing = KeyRing.fromJwks(generateKeySet());
const audience = 'callee';

/** Runs a hand-off in a mocked activity, and says how it ended and what was told on the way. */
async function run(
  callee: ScriptedCallee,
  { info = {}, ...options }: Partial<HandOffOptions<ScriptedAck>> & { readonly info?: Partial<Info> } = {},
) {
  const activity = callerActivityInfo(info);
  const env = new MockActivityEnvironment(activity, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  const events: HandOffEvent[] = [];
  env.on('heartbeat', (details) => heartbeats.push(details));
  const ending = env
    .run(() =>
      handOff({ keyRing, audience, ...callee.peer, onEvent: (event) => events.push(event), ...options }),
    )
    .then(
      (value: unknown) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
  const cancel = () => env.cancel();
  return { ending, cancel, heartbeats, events, kinds: () => events.map((e) => e.kind), activity };
}

async function failureOfRun(...args: Parameters<typeof run>): Promise<ApplicationFailure> {
  const { error } = await (await run(...args)).ending;
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

const acked = () => new ScriptedCallee({ kind: 'ack', executionId: 'aex_1' });
const finished = (outcome: Outcome) => new ScriptedCallee({ kind: 'ack', executionId: 'aex_1', outcome });
const failing = (code: number, message = 'no') =>
  ({ kind: 'error', error: Object.assign(new Error(message), { code }) }) as const;

describe('handing off', () => {
  test('an acknowledged call leaves one heartbeat and frees the slot', async () => {
    const callee = acked();
    const { ending, heartbeats, kinds, activity } = await run(callee);
    expect((await ending).error).toBeInstanceOf(CompleteAsyncError);
    const fingerprint = fingerprintOf(activity.taskToken as TaskToken);
    expect(heartbeats).toEqual([{ executionId: 'aex_1', fingerprint }]);
    expect(kinds()).toEqual(['sealed', 'acked', 'handed_off']);
  });

  test('the sealed token says all that the callee must know', async () => {
    const callee = acked();
    const { activity, ending } = await run(callee, {
      target: 'temporal:other',
      info: { attempt: 3, currentAttemptScheduledTimestampMs: 1_700_000_090_000 },
    });
    await ending;
    const [request] = callee.requests;
    const { claims, header } = await open(keyRing, request?.callbackToken ?? new Uint8Array(), { audience });
    expect(claims).toEqual({
      taskToken: new Uint8Array(activity.taskToken ?? []),
      namespace: 'default',
      namespaceId: '5b3f9b8e-6a55-4dbb-9f02-0d4a7a1f7a11',
      ...activity.workflowExecution,
      activityId: '1',
      activityType: 'callAgent',
      callId: callId({
        namespace: 'default',
        workflowId: 'workflow-1',
        runId: activity.workflowExecution?.runId ?? '',
        activityId: '1',
        scheduledTimestampMs: 1_700_000_000_000,
      }),
      audience,
      target: 'temporal:other',
      ord: 1_700_000_090_000,
      att: 3,
      exp: 1_700_000_000_000 + 24 * 60 * 60_000,
      graceMs: 180_000,
      heartbeatTimeoutMs: 60_000,
    });
    expect(header.target).toBe('temporal:other');
    expect(request).toMatchObject({ callId: claims.callId, attempt: 3, tryNumber: 1, timeoutMs: 10_000 });
  });

  test('the grace covers the heartbeat time-out, the longest back-off and the creating', async () => {
    const callee = acked();
    await (
      await run(callee, {
        info: { heartbeatTimeoutMs: 60_000, retryPolicy: { maximumInterval: '10 minutes' } },
      })
    ).ending;
    const { claims } = await open(keyRing, callee.requests[0]?.callbackToken ?? new Uint8Array(), {
      audience,
    });
    expect(claims.graceMs).toBe(60_000 + 600_000 + 20_000);
  });

  test('all attempts of one activity make one call, and so do activities with one call id of the user', async () => {
    const callee = acked();
    await (await run(callee)).ending;
    await (await run(callee, { info: { attempt: 2, currentAttemptScheduledTimestampMs: 1_700_000_060_000 } }))
      .ending;
    await (await run(callee, { callId: 'order-7', info: { activityId: '2' } })).ending;
    await (await run(callee, { callId: 'order-7', info: { activityId: '3' } })).ending;
    const ids = callee.requests.map((request) => request.callId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids.slice(2)).toEqual(['user:order-7', 'user:order-7']);
  });

  test('an event handler that throws does not disturb the hand-off', async () => {
    const { ending, heartbeats } = await run(acked(), {
      onEvent: () => {
        throw new Error('full disk');
      },
    });
    expect((await ending).error).toBeInstanceOf(CompleteAsyncError);
    expect(heartbeats).toHaveLength(1);
  });
});

describe('a call that is finished already', () => {
  test('returns its result without a heartbeat', async () => {
    const { ending, heartbeats, kinds } = await run(finished({ completed: { output: 'done' } }));
    expect(await ending).toEqual({ value: { output: 'done' }, error: undefined });
    expect(heartbeats).toEqual([]);
    expect(kinds()).toEqual(['sealed', 'acked', 'finished']);
  });

  test('throws its failure with type, message, details and retryability', async () => {
    for (const retryable of [true, false]) {
      const failed = { type: 'RateLimited', message: 'slow down', details: [{ model: 'x' }], retryable };
      expect(await failureOfRun(finished({ failed }))).toMatchObject({
        type: 'RateLimited',
        message: 'slow down',
        details: [{ model: 'x' }],
        nonRetryable: !retryable,
      });
    }
  });

  test('a cancelled one is a non-retryable failure where this activity itself was not cancelled', async () => {
    expect(await failureOfRun(finished({ cancelled: { cause: 'api' } }))).toMatchObject({
      type: 'AgentExecutionCancelled',
      details: [{ cause: 'api' }],
      nonRetryable: true,
    });
  });

  test('a cancelled one is a cancellation where this activity was cancelled while it was asked', async () => {
    const callee = finished({ cancelled: { cause: 'caller' } });
    let cancel = () => {};
    const outcomeOf = (ack: ScriptedAck) => {
      cancel();
      return ack.outcome;
    };
    const started = await run(callee, { outcomeOf, create: async (r) => callee.peer.create(r) });
    cancel = started.cancel;
    const { error } = await started.ending;
    expect(error).toBeInstanceOf(CancelledFailure);
    expect((error as CancelledFailure).details).toEqual([{ cause: 'caller' }]);
  });
});

describe('an activity that cannot wait', () => {
  test('a local activity is refused before anything is sent', async () => {
    const callee = acked();
    expect(await failureOfRun(callee, { info: { isLocal: true } })).toMatchObject({
      type: 'LOCAL_ACTIVITY',
      nonRetryable: true,
    });
    expect(callee.requests).toHaveLength(0);
  });

  test.each([
    ['heartbeatTimeout', { heartbeatTimeoutMs: 0 }],
    ['scheduleToCloseTimeout', { scheduleToCloseTimeoutMs: 0 }],
  ])('one without %s is refused by the name of the option', async (option, info) => {
    const failure = await failureOfRun(acked(), { info });
    expect(failure).toMatchObject({ type: 'TIMEOUT_MISSING', nonRetryable: true });
    expect(failure.message).toContain(option);
  });

  test('one that no workflow started is refused', async () => {
    const info = { inWorkflow: false, workflowExecution: undefined as never };
    expect(await failureOfRun(acked(), { info })).toMatchObject({
      type: 'OPTIONS_INVALID',
      nonRetryable: true,
    });
  });
  test.each([
    ['an empty audience', { audience: '' }],
    ['a try time-out of nothing', { tryTimeoutMs: 0 }],
    ['a total time-out that is no number', { totalTimeoutMs: Number.NaN }],
    ['a call id with a line break', { callId: 'a\nb' }],
    ['an empty call id', { callId: '' }],
  ])('%s is refused', async (_name, options) => {
    expect(await failureOfRun(acked(), options)).toMatchObject({
      type: 'OPTIONS_INVALID',
      nonRetryable: true,
    });
  });
});

describe('a callee that does not take the call', () => {
  test('a try that fails is repeated until one is answered', async () => {
    const callee = new ScriptedCallee(failing(14), failing(8), { kind: 'ack', executionId: 'aex_1' });
    const { ending, kinds, events } = await run(callee);
    expect((await ending).error).toBeInstanceOf(CompleteAsyncError);
    expect(kinds()).toEqual(['sealed', 'try_failed', 'try_failed', 'acked', 'handed_off']);
    expect(events[1]).toMatchObject({ tryNumber: 1, willRetry: true });
    expect(callee.requests.map((request) => request.tryNumber)).toEqual([1, 2, 3]);
  });

  test.each([3, 5, 6, 7, 9, 12, 16])('status %i is a refusal, and not tried again', async (code) => {
    const callee = new ScriptedCallee(failing(code, 'agent is unknown'));
    expect(await failureOfRun(callee)).toMatchObject({
      type: 'HAND_OFF_REFUSED',
      message: 'agent is unknown',
      nonRetryable: true,
    });
    expect(callee.requests).toHaveLength(1);
  });

  test('a refusal carries the callee’s own error code as its type', async () => {
    expect(
      await failureOfRun(new ScriptedCallee(failing(3)), { errorCodeOf: () => 'TOKEN_WRONG_AUDIENCE' }),
    ).toMatchObject({ type: 'TOKEN_WRONG_AUDIENCE', nonRetryable: true });
  });

  test('silence ends with a retryable failure, within three quarters of the heartbeat time-out', async () => {
    const callee = new ScriptedCallee({ kind: 'silence' });
    const began = performance.now();
    const failure = await failureOfRun(callee, { tryTimeoutMs: 100, info: { heartbeatTimeoutMs: 1_000 } });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(failure).toMatchObject({ type: 'HAND_OFF_TIMEOUT', nonRetryable: false });
    expect(failure.message).toContain('750 ms');
    expect(callee.requests.length).toBeGreaterThan(1);
  });

  test('a try that does not listen to its signal is left behind when its time is up', async () => {
    const deaf = () => new Promise<ScriptedAck>(() => {});
    const failure = await failureOfRun(acked(), { create: deaf, totalTimeoutMs: 50 });
    expect(failure).toMatchObject({ type: 'HAND_OFF_TIMEOUT' });
  });

  test('cancelling the activity ends the creating at once', async () => {
    const { ending, cancel } = await run(new ScriptedCallee({ kind: 'silence' }));
    cancel();
    expect((await ending).error).toBeInstanceOf(CancelledFailure);
  });

  test.each([
    ['names no execution', { executionIdOf: () => '' }],
    [
      'cannot be read',
      {
        outcomeOf: () => {
          throw new Error('unknown phase');
        },
      },
    ],
  ])('an answer that %s ends the activity', async (_name, options) => {
    const { ending, heartbeats } = await run(acked(), options);
    expect((await ending).error).toMatchObject({ type: 'ACK_INVALID', nonRetryable: true });
    expect(heartbeats).toEqual([]);
  });
});
