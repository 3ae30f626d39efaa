import { describe, expect, test } from '@jest/globals';
import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../ids.ts';
import { FixedClock } from '../testing/fixed-clock.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../testing/scripted-target.ts';
import type { Verdict } from '../verdict.ts';
import { type TargetEvent, TargetWatch, type TargetWatchOptions } from './target-watch.ts';
import { createTargets } from './targets.ts';

const START = 1_750_000_000_000;

function open(options: Partial<TargetWatchOptions> = {}) {
  const ledger = new InMemoryLedger();
  const clock = new FixedClock(START);
  const state = { up: false, asked: 0 };
  const isReachable = () => {
    state.asked += 1;
    return state.up;
  };
  const signalled: ExecutionId[] = [];
  const events: TargetEvent[] = [];
  const watch = new TargetWatch({
    ledger,
    clock,
    targets: createTargets([new ScriptedTarget({ name: 'a', isReachable })]),
    signalTargetUp: async (executionId) => void signalled.push(executionId),
    signalsPerSecond: 10_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const waiting = async (id: string, verdict: Verdict, target = 'a') => {
    const executionId = id as ExecutionId;
    const binding = {
      tokenDigest: id as TokenDigest,
      fingerprint: id as Fingerprint,
      kid: 'key',
      heartbeatTimeoutMs: 30_000,
      sealed: new Uint8Array([1]),
    };
    await ledger.admit({
      executionId,
      principal: 'anonymous',
      callId: id as CallId,
      bodySha256: 'body',
      onCallerGone: 'cancel',
      now: START,
      caller: { target, exp: START + 3_600_000, graceMs: 90_000, binding },
    });
    await ledger.recordVerdict(executionId, { generation: 1, at: START, verdict }, { kind: 'keep' });
  };
  return { watch, ledger, clock, state, signalled, events, waiting };
}

describe('the watch over targets that are down', () => {
  test('asks nobody while none is down', async () => {
    const { watch, state } = open();
    await watch.runOnce();
    expect(state.asked).toBe(0);
  });

  test('asks once an interval, and once it is up tells exactly the workflows that wait for it', async () => {
    const { watch, ledger, clock, state, signalled, events, waiting } = open();
    await waiting('aex_1', 'unreachable');
    await waiting('aex_2', 'unbound');
    await waiting('aex_3', 'unreachable', 'b');
    await waiting('aex_4', 'unreachable');
    await ledger.markTargetDown('a', START, 'silent');
    await watch.runOnce();
    await watch.runOnce();
    expect(state.asked).toBe(1);
    clock.advance(5_000);
    state.up = true;
    await watch.runOnce();
    expect(signalled).toEqual(['aex_1', 'aex_4']);
    expect(events).toEqual([
      { kind: 'still_down', target: 'a', downMs: 0 },
      { kind: 'up', target: 'a', downMs: 5_000 },
      { kind: 'signalled', target: 'a', count: 2 },
    ]);
    const { asked } = state;
    clock.advance(60_000);
    await watch.runOnce();
    expect(state.asked).toBe(asked);
  });

  test('a server that ends between its signals leaves the target down, so that nobody is forgotten', async () => {
    const ending = new AbortController();
    const first = open({
      signalTargetUp: async () => ending.abort(),
    });
    await first.waiting('aex_1', 'unreachable');
    await first.waiting('aex_2', 'unreachable');
    await first.ledger.markTargetDown('a', START, 'silent');
    first.state.up = true;
    await first.watch.runOnce(ending.signal);
    const next = open({ ledger: first.ledger });
    next.clock.advance(5_000);
    next.state.up = true;
    await next.watch.runOnce();
    expect(next.signalled).toEqual(['aex_1', 'aex_2']);
  });

  test('a target that goes down again while its workflows are told stays down', async () => {
    const { watch, ledger, clock, state, waiting } = open({
      signalTargetUp: async () => {
        state.up = false;
      },
    });
    await waiting('aex_1', 'unreachable');
    await ledger.markTargetDown('a', START, 'silent');
    state.up = true;
    await watch.runOnce();
    clock.advance(5_000);
    expect(await ledger.claimProbe(clock.now(), clock.now())).toMatchObject({ target: 'a' });
  });

  test('leaves a target that answers but takes no completions to a growing back-off', async () => {
    const { watch, ledger, clock, state, signalled, waiting } = open();
    await waiting('aex_1', 'unreachable');
    state.up = true;
    const minutes: number[] = [];
    for (let passed = 0; passed < 20 * 60_000; passed += 5_000) {
      const before = signalled.length;
      await ledger.markTargetDown('a', clock.now(), 'silent');
      await watch.runOnce();
      if (signalled.length > before) minutes.push(passed / 60_000);
      clock.advance(5_000);
    }
    expect(minutes).toEqual([0, 1, 3, 7, 15]);
  });

  test('tells the workflows of a new outage at once', async () => {
    const { watch, ledger, clock, state, signalled, waiting } = open();
    await waiting('aex_1', 'unreachable');
    state.up = true;
    await ledger.markTargetDown('a', clock.now(), 'silent');
    await watch.runOnce();
    clock.advance(2 * 3_600_000);
    await ledger.markTargetDown('a', clock.now(), 'silent');
    await watch.runOnce();
    expect(signalled).toHaveLength(2);
  });

  test('two servers on one ledger ask and signal once', async () => {
    const one = open();
    const two = open({ ledger: one.ledger });
    one.state.up = true;
    two.state.up = true;
    await one.waiting('aex_1', 'unreachable');
    await one.ledger.markTargetDown('a', START, 'silent');
    await Promise.all([one.watch.runOnce(), two.watch.runOnce()]);
    expect([one.state.asked, two.state.asked]).toContain(0);
    expect([...one.signalled, ...two.signalled]).toEqual(['aex_1']);
  });

  test('a signal that fails does not keep the others from it', async () => {
    const told: string[] = [];
    const { watch, ledger, state, events, waiting } = open({
      signalTargetUp: async (executionId) => {
        if (executionId === 'aex_1') throw new Error('no connection');
        told.push(executionId);
      },
    });
    await waiting('aex_1', 'unreachable');
    await waiting('aex_2', 'unreachable');
    await ledger.markTargetDown('a', START, 'silent');
    state.up = true;
    await watch.runOnce();
    expect(told).toEqual(['aex_2']);
    expect(events).toContainEqual({
      kind: 'failed',
      error: expect.objectContaining({ message: 'no connection' }),
    });
  });
});
