import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  type ApplicationFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { eventually } from '../../test/eventually.ts';
import { AUDIENCE, type Handed, TemporalFixture } from '../../test/temporal-fixture.ts';
import { fingerprintOf, open } from '../callback/index.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const accept = async ({ workflowId }: Handed) => ({ executionId: `aex_${workflowId}` });
beforeEach(() => {
  fixture.onCreate = accept;
});

async function claimsOf({ request }: Handed) {
  return (await open(fixture.keyRing, request.callbackToken, { audience: AUDIENCE, enforceExpiry: true }))
    .claims;
}

async function start(workflowType: string, ...args: unknown[]): Promise<WorkflowHandle> {
  const workflowId = `caller-${randomUUID()}`;
  return fixture.client.workflow.start(workflowType, { workflowId, taskQueue: fixture.taskQueue, args });
}

/** What the caller's workflow was told by its activity. */
async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  return (cause instanceof ActivityFailure ? cause.cause : cause) as ApplicationFailure;
}

const attemptsOf = (handle: WorkflowHandle) =>
  fixture.handed.filter(({ workflowId }) => workflowId === handle.workflowId).length;

describe('handing off on a real server', () => {
  test('the activity waits without a worker, saying for whom, and ends by the token in the seal', async () => {
    const { handle, handed } = await fixture.call();
    const claims = await claimsOf(handed);
    const executionId = `aex_${handle.workflowId}`;
    const details = await eventually(async () => {
      const { raw } = await handle.describe();
      const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
      return payload?.data && (JSON.parse(Buffer.from(payload.data).toString()) as unknown);
    });
    expect(details).toEqual({ executionId, fingerprint: fingerprintOf(claims.taskToken) });
    await fixture.client.activity.complete(claims.taskToken, { output: 'done' });
    expect(await handle.result()).toEqual({ output: 'done' });
  });

  test('the claims are what Temporal itself says about the activity', async () => {
    const { handle, handed } = await fixture.call({ resultTimeoutMs: 3_600_000, livenessTimeoutMs: 7_000 });
    const claims = await claimsOf(handed);
    const { namespaceInfo } = await fixture.client.workflowService.describeNamespace({
      namespace: 'default',
    });
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    const expiration = pending?.expirationTime;
    expect(claims).toMatchObject({
      namespace: 'default',
      namespaceId: namespaceInfo?.id,
      workflowId: handle.workflowId,
      runId: handed.runId,
      activityId: pending?.activityId,
      activityType: 'stigmer/call-agent',
      audience: AUDIENCE,
      target: 'temporal:default',
      heartbeatTimeoutMs: 7_000,
      // A longest back-off of 30 s, and three quarters of the heartbeat time-out for creating.
      graceMs: 7_000 + 30_000 + 5_250,
      exp: Number(expiration?.seconds) * 1_000 + Math.floor((expiration?.nanos ?? 0) / 1e6),
    });
    await handle.terminate();
  });

  test('an attempt that nobody beats is followed by one of the same call, and a newer token ends it', async () => {
    const { handle, handed: first } = await fixture.call({ livenessTimeoutMs: 1_000 });
    const second = await fixture.attempt(handle, 2);
    const [older, newer] = await Promise.all([claimsOf(first), claimsOf(second)]);
    expect(newer.callId).toBe(older.callId);
    expect(newer.exp).toBe(older.exp);
    expect(newer.ord).toBeGreaterThan(older.ord);
    await expect(fixture.client.activity.complete(older.taskToken, 'old')).rejects.toThrow();
    await fixture.client.activity.complete(newer.taskToken, 'new');
    expect(await handle.result()).toBe('new');
  });

  test('a result that the answer holds already is the activity’s', async () => {
    fixture.onCreate = async () => ({ executionId: 'aex_1', outcome: { completed: ['at', 'once'] } });
    expect(await (await start('caller')).result()).toEqual(['at', 'once']);
  });

  test('a failure that the answer holds already is thrown as the callee says it, and not retried', async () => {
    const failed = { type: 'NoModel', message: 'no such model', details: [{ model: 'x' }], retryable: false };
    fixture.onCreate = async () => ({ executionId: 'aex_1', outcome: { failed } });
    const handle = await start('caller');
    expect(await failureOf(handle)).toMatchObject({
      type: 'NoModel',
      message: 'no such model',
      details: [{ model: 'x' }],
    });
    expect(attemptsOf(handle)).toBe(1);
  });

  test('a cancelled run is a failure and no retry where the caller itself was not cancelled', async () => {
    fixture.onCreate = async () => ({ executionId: 'aex_1', outcome: { cancelled: { cause: 'api' } } });
    const handle = await start('caller');
    expect(await failureOf(handle)).toMatchObject({
      type: 'AgentExecutionCancelled',
      details: [{ cause: 'api' }],
    });
    expect(attemptsOf(handle)).toBe(1);
  });
});

describe('a callee in trouble', () => {
  test('that does not answer in time is asked again by the next attempt', async () => {
    fixture.onCreate = async (handed) => {
      if (handed.attempt > 1) return accept(handed);
      throw Object.assign(new Error('connection refused'), { code: 14 });
    };
    const handle = await start('caller', { livenessTimeoutMs: 1_000 });
    const second = await fixture.attempt(handle, 2);
    expect(attemptsOf(handle)).toBeGreaterThan(2);
    await eventually(async () => {
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      return pending?.lastFailure?.applicationFailureInfo?.type === 'HAND_OFF_TIMEOUT' || undefined;
    });
    await fixture.client.activity.complete((await claimsOf(second)).taskToken, 'late');
    expect(await handle.result()).toBe('late');
  });

  test('that refuses ends the activity at once', async () => {
    fixture.onCreate = () => Promise.reject(Object.assign(new Error('agent "x" is unknown'), { code: 5 }));
    const handle = await start('caller');
    expect(await failureOf(handle)).toMatchObject({
      type: 'HAND_OFF_REFUSED',
      message: 'agent "x" is unknown',
    });
    expect(attemptsOf(handle)).toBe(1);
  });
});

describe('an activity that cannot be handed off', () => {
  test('a local one is refused, and its worker lives on', async () => {
    const handle = await start('localCaller');
    expect(await failureOf(handle)).toMatchObject({ type: 'LOCAL_ACTIVITY', nonRetryable: true });
    expect(attemptsOf(handle)).toBe(0);
    const { handle: next, handed } = await fixture.call();
    await fixture.client.activity.complete((await claimsOf(handed)).taskToken, 'alive');
    expect(await next.result()).toBe('alive');
  });

  test.each([
    ['heartbeatTimeout', { scheduleToCloseTimeout: '1h' }],
    ['scheduleToCloseTimeout', { startToCloseTimeout: '1h', heartbeatTimeout: '10s' }],
  ])('one without %s is refused by that name', async (option, options) => {
    const failure = await failureOf(await start('callerWithOptions', options));
    expect(failure).toMatchObject({ type: 'TIMEOUT_MISSING', nonRetryable: true });
    expect(failure.message).toContain(option);
  });
});
