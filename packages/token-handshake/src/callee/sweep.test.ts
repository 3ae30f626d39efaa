import { describe, expect, test } from '@jest/globals';
import { finalsIn } from '../../test/callee-fixture.ts';
import { eventually } from '../../test/eventually.ts';
import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import { FixedClock } from '../testing/fixed-clock.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import type { Delivery } from '../verdict.ts';
import { Sweep, type SweepEvent, type SweepOptions, type WorkflowState } from './sweep.ts';

const START = 1_750_000_000_000;
const delivered: Delivery = { verdict: 'delivered', generation: 1, closed: true };

function open(options: Partial<SweepOptions> = {}) {
  const ledger = new InMemoryLedger();
  const clock = new FixedClock(START);
  const finals = new Map<string, Outcome>();
  const states = new Map<ExecutionId, WorkflowState>();
  const starts: ExecutionId[] = [];
  const deliveries: ExecutionId[] = [];
  const signals: [ExecutionId, number][] = [];
  const toldOfFinal: ExecutionId[] = [];
  const events: SweepEvent[] = [];
  const failing = new Set<ExecutionId>();
  const sweep = new Sweep({
    ledger,
    clock,
    finals: finalsIn(finals),
    deliverer: {
      deliver: async (executionId) => {
        deliveries.push(executionId);
        return delivered;
      },
    },
    workflows: {
      start: async (executionId) => {
        if (failing.has(executionId)) throw new Error('no connection');
        starts.push(executionId);
      },
      workflowState: async (executionId) => states.get(executionId) ?? 'running',
      signalRebound: async (executionId, generation) => void signals.push([executionId, generation]),
      signalFinalStored: async (executionId) => void toldOfFinal.push(executionId),
    },
    onEvent: (event) => events.push(event),
    pageSize: 2,
    ...options,
  });
  const admit = async (id: string, ord = 1) => {
    const executionId = id as ExecutionId;
    await ledger.admit({
      executionId,
      principal: 'anonymous',
      callId: `call of ${id}` as CallId,
      bodySha256: 'body',
      onCallerGone: 'cancel',
      now: clock.now(),
      caller: {
        target: 'temporal:default',
        exp: START + 3_600_000,
        graceMs: 90_000,
        binding: {
          ord,
          tokenDigest: `${id} ${ord}` as TokenDigest,
          fingerprint: `${id} ${ord}` as Fingerprint,
          kid: 'key',
          heartbeatTimeoutMs: 30_000,
          sealed: new Uint8Array([1]),
        },
      },
    });
    return executionId;
  };
  return {
    sweep,
    ledger,
    clock,
    finals,
    states,
    starts,
    deliveries,
    signals,
    toldOfFinal,
    events,
    failing,
    admit,
  };
}

describe('the sweep', () => {
  test('starts what was committed and not started, once its create has had its own chance', async () => {
    const { sweep, starts, admit, clock, events, ledger } = open();
    for (const id of ['aex_1', 'aex_2', 'aex_3']) await admit(id);
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

  test('an execution that cannot be started does not keep the others from it', async () => {
    const { sweep, starts, admit, clock, events, failing } = open({ pageSize: 10 });
    failing.add(await admit('aex_1'));
    await admit('aex_2');
    clock.advance(6_000);
    await sweep.runOnce();
    expect(starts).toEqual(['aex_2']);
    expect(events).toContainEqual({
      kind: 'failed',
      step: 'start',
      executionId: 'aex_1',
      error: expect.anything(),
    });
    failing.clear();
    await sweep.runOnce();
    expect(starts).toEqual(['aex_2', 'aex_1']);
  });

  test('delivers a stored outcome once its workflow is closed or gone, and leaves it to a running one', async () => {
    const { sweep, finals, states, deliveries, admit, events } = open();
    const ids = ['aex_closed', 'aex_gone', 'aex_running', 'aex_unknown', 'aex_working'];
    for (const id of ids) finals.set(await admit(id), { completed: id });
    finals.delete('aex_working' as ExecutionId);
    states.set('aex_closed' as ExecutionId, 'closed');
    states.set('aex_gone' as ExecutionId, 'not_found');
    states.set('aex_unknown' as ExecutionId, 'unknown');
    states.set('aex_working' as ExecutionId, 'closed');
    await sweep.runOnce();
    expect(deliveries).toEqual(['aex_closed', 'aex_gone']);
    expect(events).toContainEqual({ kind: 'redelivered', executionId: 'aex_closed', delivery: delivered });
  });

  test('waits until a caller without a binding may be asked again', async () => {
    const { sweep, finals, states, deliveries, admit, ledger, clock } = open();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    states.set(id, 'closed');
    const unbound = { generation: 1, at: START, verdict: 'unbound' } as const;
    await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: START, nextTryAt: START + 90_000 });
    await sweep.runOnce();
    expect(deliveries).toEqual([]);
    clock.advance(90_000);
    await sweep.runOnce();
    expect(deliveries).toEqual([id]);
  });

  test('repeats the signal of a newer binding that a running workflow has missed', async () => {
    const { sweep, finals, signals, admit, ledger } = open();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    await ledger.recordSent(id, 1, START);
    const unbound = { generation: 1, at: START, verdict: 'unbound' } as const;
    await ledger.recordVerdict(id, unbound, { kind: 'keep', unboundSince: START });
    await sweep.runOnce();
    expect(signals).toEqual([]);
    await admit('aex_1', 2);
    await sweep.runOnce();
    expect(signals).toEqual([[id, 2]]);
  });

  test('repeats it where the target did not answer, too', async () => {
    const { sweep, finals, signals, admit, ledger } = open();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    await ledger.recordSent(id, 1, START);
    await ledger.recordVerdict(id, { generation: 1, at: START, verdict: 'unreachable' }, { kind: 'keep' });
    await sweep.runOnce();
    expect(signals).toEqual([]);
    await admit('aex_1', 2);
    await sweep.runOnce();
    expect(signals).toEqual([[id, 2]]);
  });

  test('tells a running workflow again of a final that it does not begin to deliver, ever more rarely', async () => {
    const { sweep, finals, toldOfFinal, admit, clock, events, ledger } = open();
    const id = await admit('aex_1');
    finals.set(id, { completed: 1 });
    finals.set(await admit('aex_2'), { completed: 2 });
    await ledger.recordSent('aex_2' as ExecutionId, 1, START);
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
    await ledger.recordSent(id, 1, clock.now());
    clock.advance(3_600_000);
    await sweep.runOnce();
    expect(toldOfFinal).toHaveLength(3);
  });

  test('a ledger that fails is an event, and the next run goes on', async () => {
    const { sweep, ledger, events, admit, starts, clock } = open({ intervalMs: 5 });
    await admit('aex_1');
    clock.advance(6_000);
    const working = ledger.unstarted.bind(ledger);
    ledger.unstarted = () => Promise.reject(new Error('database is locked'));
    const stopping = new AbortController();
    const running = sweep.run(stopping.signal);
    await eventually(
      () => events.some((event) => event.kind === 'failed' && event.step === 'read') || undefined,
    );
    ledger.unstarted = working;
    await eventually(() => starts.length === 1 || undefined);
    stopping.abort();
    await running;
  });
});
