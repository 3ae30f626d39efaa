import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionLike } from '@temporalio/client';
import { temporalTarget } from '../../../test/callee-fixture.ts';
import { eventually } from '../../../test/eventually.ts';
import { AUDIENCE, type Handed, TemporalFixture } from '../../../test/temporal-fixture.ts';
import { open } from '../../callback/index.ts';
import type { TargetToken } from '../completion-target.ts';
import { WaitLooks } from './wait-looks.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

const soon = { timeoutMs: 5_000 };

async function tokenOf({ request }: Handed): Promise<TargetToken> {
  const { claims } = await open(fixture.keyRing, request.callbackToken, { audience: AUDIENCE });
  return { sealed: request.callbackToken, claims };
}

/** A fresh target, so that nothing is remembered of an earlier question. */
async function lookAt(handed: Handed) {
  return temporalTarget(fixture).look(await tokenOf(handed), soon);
}

describe('what Temporal says of a waiting activity', () => {
  test('it waits while it is started, and between two attempts', async () => {
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 1_000 });
    expect(await lookAt(handed)).toEqual({ kind: 'pending' });
    // The back-off of a second follows the heartbeat time-out: its token is dead, the activity is not.
    await eventually(
      async () => (await handle.describe()).raw.pendingActivities?.[0]?.state === 1 || undefined,
    );
    expect(await lookAt(handed)).toEqual({ kind: 'pending' });
    await fixture.attempt(handle, 2);
    expect(await lookAt(handed)).toEqual({ kind: 'pending' });
  });

  test('who closed it is told by the identity in its history', async () => {
    const ours = await fixture.call();
    const target = temporalTarget(fixture);
    await target.send(await tokenOf(ours.handed), { completed: 1 }, soon);
    expect(await lookAt(ours.handed)).toEqual({ kind: 'closed', by: 'us' });
    const failed = await fixture.call();
    const failure = { type: 'Broken', message: 'no', details: [], retryable: false };
    await target.send(await tokenOf(failed.handed), { failed: failure }, soon);
    expect(await lookAt(failed.handed)).toEqual({ kind: 'closed', by: 'us' });
    const workers = await fixture.call();
    await fixture.client.activity.complete(workers.handed.taskToken, 'by a worker');
    expect(await lookAt(workers.handed)).toEqual({ kind: 'closed', by: 'worker' });
  });

  test('nobody closed it where its workflow was terminated, or its deadline passed', async () => {
    const terminated = await fixture.call();
    await terminated.handle.terminate();
    expect(await lookAt(terminated.handed)).toEqual({ kind: 'closed', by: 'other' });
    const late = await fixture.call({ resultTimeoutMs: 1_000 });
    await late.handle.result().catch(() => {});
    expect(await lookAt(late.handed)).toEqual({ kind: 'closed', by: 'other' });
  });

  test('a cancel between two attempts closes it, and nobody of the caller’s took anything', async () => {
    const { handle, handed } = await fixture.call({ livenessTimeoutMs: 1_000 });
    await eventually(
      async () => (await handle.describe()).raw.pendingActivities?.[0]?.state === 1 || undefined,
    );
    await handle.cancel();
    await handle.result().catch(() => {});
    expect(await lookAt(handed)).toEqual({ kind: 'closed', by: 'other' });
  });

  test('a run that Temporal does not know waits for nothing', async () => {
    const { handed } = await fixture.call();
    const token = await tokenOf(handed);
    const claims = token.claims && { ...token.claims, runId: crypto.randomUUID() };
    const look = await temporalTarget(fixture).look({ ...token, ...(claims && { claims }) }, soon);
    expect(look).toEqual({ kind: 'closed', by: 'other' });
  });

  test('a deadline that an operator changed leaves the wait pending', async () => {
    const { handed } = await fixture.call();
    const token = await tokenOf(handed);
    const claims = token.claims && { ...token.claims, exp: token.claims.exp + 1 };
    const look = await temporalTarget(fixture).look({ ...token, ...(claims && { claims }) }, soon);
    expect(look).toEqual({ kind: 'pending' });
  });

  test('a callee that may not ask, or has no connection, says so', async () => {
    const { handed } = await fixture.call();
    const token = await tokenOf(handed);
    expect(await temporalTarget(fixture, { mayAsk: false }).look(token, soon)).toEqual({
      kind: 'asking_not_allowed',
    });
    expect(await temporalTarget(fixture, { client: () => undefined }).look(token, soon)).toEqual({
      kind: 'no_answer',
    });
  });
});

describe('asking about many waits', () => {
  const wait = {
    namespace: 'default',
    workflowId: 'w',
    runId: 'r',
    activityId: '1',
    scheduledEventId: 5n,
    expiresAt: 1_000,
    identity: 'us',
  };

  /** What the history says at most: one page with an event before the wait, unless a test says otherwise. */
  type Page = () => { readonly events: readonly object[]; readonly nextPageToken?: Uint8Array };
  const waiting = [{ activityId: '1', expirationTime: { seconds: 1, nanos: 0 } }];

  /** A connection that counts questions, and answers that one activity is pending. */
  function counting(
    pendingActivities: () => readonly object[] = () => waiting,
    page: Page = () => ({ events: [] }),
  ) {
    const asked: string[] = [];
    const connection = {
      withDeadline: <T>(_: number, work: () => Promise<T>) => work(),
      workflowService: {
        describeWorkflowExecution: async ({ execution }: { execution: { workflowId: string } }) => {
          asked.push(execution.workflowId);
          return { workflowExecutionInfo: { status: 1 }, pendingActivities: pendingActivities() };
        },
        getWorkflowExecutionHistoryReverse: async () => {
          asked.push('history');
          const { events, nextPageToken } = page();
          return { history: { events }, nextPageToken };
        },
      },
    } as unknown as ConnectionLike;
    return { asked, connection };
  }

  test('one question answers for all waits of a workflow', async () => {
    const { asked, connection } = counting();
    const looks = new WaitLooks(1_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => looks.look(connection, wait, 5_000)));
    expect(answers.every(({ kind }) => kind === 'pending')).toBe(true);
    expect(asked).toEqual(['w']);
  });

  test('questions that do not get their turn in time are not asked', async () => {
    const { asked, connection } = counting();
    const looks = new WaitLooks(2);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => looks.look(connection, { ...wait, workflowId: `w${i}` }, 700)),
    );
    expect(answers.filter(({ kind }) => kind === 'pending')).toHaveLength(2);
    expect(answers.filter(({ kind }) => kind === 'no_answer')).toHaveLength(8);
    expect(asked).toEqual(['w0', 'w1']);
  });

  test('a wait that is missing in what is remembered of its workflow is asked about anew, once for all', async () => {
    let pending: readonly object[] = [];
    const { asked, connection } = counting(() => pending);
    const looks = new WaitLooks(1_000);
    await looks.look(connection, { ...wait, activityId: 'before' }, 5_000);
    expect(asked).toEqual(['w', 'history']);
    pending = waiting;
    const answers = await Promise.all(Array.from({ length: 50 }, () => looks.look(connection, wait, 5_000)));
    expect(answers.every(({ kind }) => kind === 'pending')).toBe(true);
    expect(asked).toEqual(['w', 'history', 'w']);
  });

  test('where the history is denied, what is pending under its id is taken for the wait', async () => {
    const denied: Page = () => {
      throw Object.assign(new Error('no'), { code: 7, details: 'no', metadata: { get: () => [] } });
    };
    const changed = [{ activityId: '1', expirationTime: { seconds: 2, nanos: 0 } }];
    const listed = counting(() => changed, denied);
    expect(await new WaitLooks(1_000).look(listed.connection, wait, 5_000)).toEqual({ kind: 'pending' });
    const other = counting(() => changed, denied);
    const gone = await new WaitLooks(1_000).look(other.connection, { ...wait, activityId: '2' }, 5_000);
    expect(gone).toEqual({ kind: 'history_not_allowed' });
  });

  test('each page of a history takes its turn, and those that do not get it in time are not asked for', async () => {
    const endless: Page = () => ({ events: [{ eventId: 100 }], nextPageToken: new Uint8Array([1]) });
    const { asked, connection } = counting(() => [], endless);
    const look = await new WaitLooks(2).look(connection, wait, 700);
    expect(look).toEqual({ kind: 'no_answer' });
    expect(asked).toEqual(['w', 'history']);
  });
});
