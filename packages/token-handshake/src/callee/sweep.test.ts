import { describe, expect, test } from '@jest/globals';
import { delivered, openSweep, START } from '../../test/swept-calls.ts';
import type { ExecutionId } from '../ids.ts';

/** Between two looks at a row at rest. */
const REST_MS = 90_000;
const HOUR = 3_600_000;

describe('what was committed and not started', () => {
  const unstarted = { started: false };

  test('is started, once its create has had its own chance', async () => {
    const { sweep, starts, admit, clock, events, ledger } = openSweep();
    for (const id of ['aex_1', 'aex_2', 'aex_3']) await admit(id, unstarted);
    await ledger.markStarted('aex_2' as ExecutionId, START);
    await sweep.runOnce();
    expect(starts).toEqual([]);
    clock.advance(5_001);
    await sweep.runOnce();
    expect(starts).toEqual(['aex_1', 'aex_3']);
    expect(events).toContainEqual({ kind: 'started', executionId: 'aex_1', lateMs: 5_001 });
    await sweep.runOnce();
    expect(starts).toHaveLength(2);
  });

  test('does not wait behind others that cannot be started', async () => {
    const { sweep, starts, admit, clock, events, world } = openSweep();
    for (const id of ['aex_1', 'aex_2']) world.failing.add(await admit(id, unstarted));
    clock.advance(1);
    await admit('aex_3', unstarted);
    clock.advance(6_000);
    await sweep.runOnce();
    expect(starts).toEqual(['aex_3']);
    const error = expect.anything();
    expect(events).toContainEqual({ kind: 'failed', step: 'start', executionId: 'aex_1', error });
    world.failing.clear();
    await sweep.runOnce();
    expect(starts).toEqual(['aex_3', 'aex_1', 'aex_2']);
  });

  test('is not started any more when Temporal may have forgotten an earlier start, but given up', async () => {
    const { sweep, starts, admit, clock, states, finals, deliveries, events } = openSweep();
    const id = await admit('aex_1', { started: false, token: false });
    states.set(id, 'not_found');
    clock.advance(24 * HOUR - 5 * 60_000);
    await sweep.runOnce();
    // Neither of the two: another server’s clock may say otherwise.
    expect(starts).toEqual([]);
    clock.advance(20 * 60_000);
    await sweep.runOnce();
    expect(finals.size).toBe(0);
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(starts).toEqual([]);
    expect(finals.get(id)).toMatchObject({ failed: { type: 'AgentExecutionLost', retryable: false } });
    expect(deliveries).toEqual([id]);
    expect(events).toContainEqual({ kind: 'ended', executionId: id, end: 'lost' });
  });

  test('is started while young where Temporal does not say how long it remembers, and never given up', async () => {
    const { sweep, starts, admit, clock, states, finals, world } = openSweep();
    world.retentionMs = () => Promise.reject(new Error('no connection'));
    await admit('aex_1', { started: false, token: false });
    clock.advance(49 * 60_000);
    await admit('aex_2', { started: false, token: false });
    clock.advance(10_000);
    await sweep.runOnce();
    expect(starts).toEqual(['aex_1', 'aex_2']);
    states.set(await admit('aex_3', { started: false, token: false }), 'not_found');
    for (let n = 0; n < 10; n++) {
      clock.advance(HOUR);
      await sweep.runOnce();
    }
    expect(starts).toEqual(['aex_1', 'aex_2']);
    expect(finals.size).toBe(0);
  });
});

describe('a workflow that is over without an end', () => {
  test.each([
    ['terminated', { failed: { type: 'AgentExecutionTerminated' } }],
    ['cancelled', { cancelled: { cause: 'operator' } }],
    ['failed', { failed: { type: 'AgentExecutionLost' } }],
    ['timed_out', { failed: { type: 'AgentExecutionLost' } }],
  ] as const)('that was %s gives one, which is delivered', async (state, outcome) => {
    const { sweep, finals, states, deliveries, admit, clock } = openSweep();
    const ids = [await admit('aex_1'), await admit('aex_2', { token: false })];
    for (const id of ids) states.set(id, state);
    clock.advance(REST_MS);
    await sweep.runOnce();
    for (const id of ids) expect(finals.get(id)).toMatchObject(outcome);
    expect(deliveries).toEqual(ids);
  });

  test('is left alone as long as Temporal says that it runs, or nothing at all', async () => {
    const { sweep, finals, states, admit, clock } = openSweep();
    await admit('aex_1');
    states.set(await admit('aex_2'), 'unknown');
    for (let n = 0; n < 10; n++) {
      clock.advance(REST_MS);
      await sweep.runOnce();
    }
    expect(finals.size).toBe(0);
  });

  test('that is gone has to be missed twice, and by a write', async () => {
    const { sweep, finals, states, admit, clock, world, deliveries, toldOfFinal } = openSweep();
    const id = await admit('aex_1');
    states.set(id, 'not_found');
    world.lagging.add(id);
    for (let n = 0; n < 5; n++) {
      clock.advance(REST_MS);
      await sweep.runOnce();
    }
    expect(finals.size).toBe(0);
    world.lagging.delete(id);
    states.set(id, 'unknown');
    clock.advance(REST_MS);
    await sweep.runOnce();
    states.set(id, 'not_found');
    clock.advance(REST_MS);
    await sweep.runOnce();
    // Silence came in between: what was seen before it does not count.
    expect(finals.size).toBe(0);
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(finals.get(id)).toMatchObject({ failed: { type: 'AgentExecutionLost' } });
    expect(deliveries).toEqual([id]);
    // In case that a start which was under way has brought it to life.
    expect(toldOfFinal).toEqual([id]);
  });

  test('does not replace an end that came in the last moment', async () => {
    const { sweep, finals, store, states, admit, clock, deliveries, events } = openSweep();
    const id = await admit('aex_1');
    states.set(id, 'terminated');
    const has = store.has.bind(store);
    store.has = async (executionId) => {
      const before = await has(executionId);
      finals.set(id, { completed: 'just now' });
      return before;
    };
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(finals.get(id)).toEqual({ completed: 'just now' });
    expect(deliveries).toEqual([id]);
    expect(events.map(({ kind }) => kind)).toEqual(['redelivered']);
  });

  test('gives one, too, where nobody waits any more', async () => {
    const { sweep, finals, store, states, admit, clock, deliveries, ledger } = openSweep();
    const id = await admit('aex_1');
    const gone = { generation: 1, at: START, verdict: 'caller_gone' } as const;
    await ledger.recordVerdict(id, gone, { kind: 'close', state: 'caller_gone' });
    store.closedWithoutEnd = async () => (finals.has(id) ? [] : [id]);
    states.set(id, 'terminated');
    clock.advance(REST_MS);
    await sweep.runOnce();
    expect(finals.get(id)).toMatchObject({ failed: { type: 'AgentExecutionTerminated' } });
    expect(deliveries).toEqual([]);
  });
});

describe('an end that is stored', () => {
  test('is delivered once its workflow is closed or gone, and left to a running one', async () => {
    const { sweep, finals, states, deliveries, admit, events } = openSweep();
    const ids = ['aex_closed', 'aex_gone', 'aex_running', 'aex_unknown', 'aex_working'];
    for (const id of ids) finals.set(await admit(id), { completed: id });
    finals.delete('aex_working' as ExecutionId);
    states.set('aex_closed' as ExecutionId, 'completed');
    states.set('aex_gone' as ExecutionId, 'not_found');
    states.set('aex_unknown' as ExecutionId, 'unknown');
    await sweep.runOnce();
    expect(deliveries).toEqual(['aex_closed', 'aex_gone']);
    expect(events).toContainEqual({ kind: 'redelivered', executionId: 'aex_closed', delivery: delivered });
  });

  test('waits until a caller without a binding may be asked again', async () => {
    const { sweep, finals, states, deliveries, admit, ledger, clock } = openSweep();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    states.set(id, 'completed');
    const unbound = { generation: 1, at: START, verdict: 'unbound' } as const;
    await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: START, nextTryAt: START + 90_000 });
    await sweep.runOnce();
    expect(deliveries).toEqual([]);
    clock.advance(90_000);
    await sweep.runOnce();
    expect(deliveries).toEqual([id]);
  });

  test('is tried for one row of a target that does not answer, not for all', async () => {
    const tried: ExecutionId[] = [];
    const deliver = async (executionId: ExecutionId) => {
      tried.push(executionId);
      return { verdict: 'unreachable', generation: 1, closed: false } as const;
    };
    const { sweep, finals, states, admit } = openSweep({ deliverer: { deliver } });
    for (const id of ['aex_1', 'aex_2', 'aex_3']) {
      finals.set(await admit(id), { completed: id });
      states.set(id as ExecutionId, 'completed');
    }
    await sweep.runOnce();
    expect(tried).toEqual(['aex_1']);
  });

  test.each(['unbound', 'unreachable'] as const)(
    'whose workflow missed a newer binding after %s: the signal is repeated',
    async (verdict) => {
      const { sweep, finals, rebounds, admit, ledger, clock } = openSweep();
      const id = await admit('aex_1');
      finals.set(id, { completed: 1 });
      await ledger.recordSent(id, 1, START);
      await ledger.recordVerdict(
        id,
        { generation: 1, at: START, verdict },
        { kind: 'keep', ...(verdict === 'unbound' && { unboundSince: START }) },
      );
      await sweep.runOnce();
      expect(rebounds).toEqual([]);
      await admit('aex_1', { ord: 2 });
      clock.advance(30_000);
      await sweep.runOnce();
      expect(rebounds).toEqual([[id, 2]]);
    },
  );

  test('that a running workflow does not deliver is told to it again, ever more rarely', async () => {
    const { sweep, finals, toldOfFinal, admit, clock, events, ledger } = openSweep();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    // Sent early, to nobody: its workflow still waits for the run.
    await ledger.recordSent(id, 1, START);
    await ledger.recordVerdict(id, { generation: 1, at: START, verdict: 'unreachable' }, { kind: 'keep' });
    const minutes: number[] = [];
    for (let passed = 0; passed <= 8 * 60_000; passed += 30_000) {
      const before = toldOfFinal.length;
      await sweep.runOnce();
      if (toldOfFinal.length > before) minutes.push(passed / 60_000);
      clock.advance(30_000);
    }
    expect(minutes).toEqual([1, 3, 7]);
    expect(new Set(toldOfFinal)).toEqual(new Set([id]));
    expect(events).toContainEqual({ kind: 'final_signalled', executionId: id });
    await ledger.recordVerdict(
      id,
      { generation: 1, at: clock.now(), verdict: 'delivered' },
      { kind: 'close', state: 'delivered' },
    );
    clock.advance(HOUR);
    await sweep.runOnce();
    expect(toldOfFinal).toHaveLength(3);
  });
});

describe('a cancel', () => {
  test('that is written is sent again until the run has ended', async () => {
    const { sweep, finals, cancels, admit, clock, ledger, events } = openSweep();
    const id = await admit('aex_1');
    await sweep.runOnce();
    await ledger.requestCancel(id, 'api', clock.now());
    clock.advance(4_999);
    await sweep.runOnce();
    expect(cancels).toEqual([]);
    clock.advance(1);
    await sweep.runOnce();
    clock.advance(30_000);
    await sweep.runOnce();
    expect(cancels).toEqual([id, id]);
    expect(events).toContainEqual({ kind: 'cancelled', executionId: id });
    finals.set(id, { cancelled: null });
    clock.advance(30_000);
    await sweep.runOnce();
    expect(cancels).toHaveLength(2);
  });
});
