import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { eventually } from '../../test/eventually.ts';
import { TemporalFixture } from '../../test/temporal-fixture.ts';
import { createCompletionActivities } from '../callee/completion-activities.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { Delivery } from '../verdict.ts';

let fixture: TemporalFixture;
/** What the deliverer answers, by execution; the last answer is repeated. */
const scripts = new Map<string, (Delivery | Error)[]>();
const asked = new Map<string, number>();

beforeAll(async () => {
  fixture = await TemporalFixture.start();
  const deliver = async (executionId: string): Promise<Delivery> => {
    asked.set(executionId, (asked.get(executionId) ?? 0) + 1);
    const script = scripts.get(executionId) ?? [];
    const answer = script.length > 1 ? script.shift() : script[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no script');
    return answer;
  };
  const deliverToken = () => Promise.reject(new Error('not used here'));
  const activities = createCompletionActivities({ deliver, deliverToken });
  await fixture.work({ taskQueue: 'callee', activities: { ...activities } });
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const delivered: Delivery = { verdict: 'delivered', generation: 1, closed: true };
const unreachable: Delivery = { verdict: 'unreachable', generation: 1, closed: false, detail: 'no answer' };
const superseded: Delivery = { verdict: 'superseded', generation: 1, closed: false };
const unbound = (retryAfterMs: number): Delivery => ({
  verdict: 'unbound',
  generation: 1,
  closed: false,
  retryAfterMs,
});

let started = 0;

async function start(...script: readonly [Delivery | Error, ...(Delivery | Error)[]]) {
  started += 1;
  const executionId = `aex_${started}`;
  scripts.set(executionId, [...script]);
  const options = { workflowId: executionId, taskQueue: 'callee', args: [executionId] };
  const handle = await fixture.client.workflow.start('deliver', options);
  return { handle, executionId, asked: () => asked.get(executionId) ?? 0 };
}

async function eventsOf(handle: WorkflowHandle) {
  return (await handle.fetchHistory()).events ?? [];
}

/** What people read beside the timers of a workflow, and about the whole of it. */
async function wordsOf(handle: WorkflowHandle) {
  const summaries = (await eventsOf(handle)).flatMap((event) =>
    event.timerStartedEventAttributes ? [event.userMetadata?.summary?.data ?? new Uint8Array()] : [],
  );
  const { currentDetails } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return { summaries: summaries.map((bytes) => Buffer.from(bytes).toString()), currentDetails };
}

/** The durations of all timers so far, in seconds. */
async function timers(handle: WorkflowHandle): Promise<number[]> {
  const events = await eventsOf(handle);
  return events.flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
  );
}

describe('the last step of a callee’s workflow', () => {
  test('delivers by a local activity, without a hop', async () => {
    const { handle, asked } = await start(delivered);
    expect(await handle.result()).toEqual(delivered);
    expect(asked()).toBe(1);
    const events = await eventsOf(handle);
    expect(events.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
    expect(events.some((event) => event.markerRecordedEventAttributes)).toBe(true);
  });

  test('goes on as a normal activity of three tries, and the history tells why each one failed', async () => {
    const { handle, asked } = await start(unreachable, unreachable, unreachable, delivered);
    expect(await handle.result()).toEqual(delivered);
    expect(asked()).toBe(4);
    const attempt = (await eventsOf(handle)).find((event) => event.activityTaskStartedEventAttributes);
    const { attempt: number, lastFailure } = attempt?.activityTaskStartedEventAttributes ?? {};
    expect(number).toBe(3);
    expect(lastFailure?.applicationFailureInfo?.type).toBe('CompletionTargetUnreachable');
  });

  test('waits 1, 2, 4 minutes while the target is down, each cut short by the signal targetUp', async () => {
    const { handle, executionId } = await start(unreachable);
    for (const waits of [[60], [60, 120], [60, 120, 240]]) {
      await eventually(async () => (await timers(handle)).length === waits.length || undefined);
      expect(await timers(handle)).toEqual(waits);
      if (waits.length === 3) scripts.set(executionId, [delivered]);
      await handle.signal('targetUp');
    }
    expect(await handle.result()).toEqual(delivered);
  }, 60_000);

  test('tries again at once when a newer binding superseded the one tried', async () => {
    const { handle } = await start(superseded, superseded, { ...delivered, generation: 3 });
    expect(await handle.result()).toEqual({ ...delivered, generation: 3 });
    expect(await timers(handle)).toEqual([]);
  });

  test('waits for the signal rebound while nobody is there to take it', async () => {
    const { handle, asked } = await start(unbound(500_000), { ...delivered, generation: 2 });
    await eventually(async () => (await timers(handle)).length === 1 || undefined);
    expect(await timers(handle)).toEqual([500]);
    expect(asked()).toBe(1);
    await handle.signal('rebound', 2);
    expect(await handle.result()).toEqual({ ...delivered, generation: 2 });
  });

  test('looks after 1, 2, 4 minutes for a caller between attempts, and after 1 again for a newer token', async () => {
    const pending: Delivery = { verdict: 'unbound', generation: 1, closed: false };
    const { handle, executionId } = await start(pending);
    for (const waits of [[60], [60, 120], [60, 120, 240]]) {
      await eventually(async () => (await timers(handle)).length === waits.length || undefined);
      expect(await timers(handle)).toEqual(waits);
      if (waits.length < 3) await handle.signal('targetUp');
    }
    await handle.signal('rebound', 2);
    await eventually(async () => (await timers(handle)).length === 4 || undefined);
    expect(await timers(handle)).toEqual([60, 120, 240, 60]);
    scripts.set(executionId, [delivered]);
    await handle.signal('rebound', 3);
    expect(await handle.result()).toEqual(delivered);
  }, 60_000);

  test('says in Temporal what it waits for, and since when', async () => {
    const { handle, executionId } = await start(unreachable);
    await eventually(async () => (await timers(handle)).length === 1 || undefined);
    const silent = await wordsOf(handle);
    expect(silent.summaries).toEqual(['"the target is unreachable"']);
    expect(silent.currentDetails).toMatch(/^delivering: the target is unreachable since 20\d\d-/);
    scripts.set(executionId, [{ verdict: 'unbound', generation: 1, closed: false }]);
    await handle.signal('targetUp');
    await eventually(async () => (await timers(handle)).length === 2 || undefined);
    const unfound = await wordsOf(handle);
    expect(unfound.summaries.at(-1)).toBe('"the caller is between two attempts"');
    expect(unfound.currentDetails).toMatch(/^delivering: the caller is between two attempts since 20\d\d-/);
    scripts.set(executionId, [delivered]);
    await handle.signal('targetUp');
    await handle.result();
    expect((await wordsOf(handle)).currentDetails ?? '').toBe('');
    const tries = (await eventsOf(handle)).flatMap((event) =>
      event.activityTaskScheduledEventAttributes ? [event.userMetadata?.summary?.data ?? ''] : [],
    );
    expect(tries.map(String)).not.toContain('');
  }, 60_000);

  test('asks again when the grace is over, so that it ends without a signal', async () => {
    const gone: Delivery = { verdict: 'caller_gone', generation: 1, closed: true };
    const { handle } = await start(unbound(1_000), gone);
    expect(await handle.result()).toEqual(gone);
  });

  test('tells a stored outcome although the workflow is cancelled meanwhile', async () => {
    const { handle } = await start(unbound(500_000), delivered);
    await eventually(async () => (await timers(handle)).length === 1 || undefined);
    await handle.cancel();
    await handle.signal('rebound', 2);
    expect(await handle.result()).toEqual(delivered);
  });

  test('goes on after a try that failed for the callee’s own reasons', async () => {
    const { handle } = await start(
      new Error('database is locked'),
      new Error('database is locked'),
      delivered,
    );
    expect(await handle.result()).toEqual(delivered);
  });

  test('ends with the failure of an execution that the callee does not know', async () => {
    const { handle, asked } = await start(new HandshakeError('EXECUTION_UNKNOWN', 'no such call'));
    const error = await handle.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const { cause } = error as WorkflowFailedError;
    expect(cause).toMatchObject({ type: 'EXECUTION_UNKNOWN', nonRetryable: true });
    expect(asked()).toBe(1);
  });
});
