import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventually } from '../../../test/eventually.ts';
import {
  bindWait,
  executionOfWait,
  openSqliteLedger,
  START,
  simulatedRelay,
} from '../../../test/relay-fixture.ts';
import { beatDemand } from '../../decision/beat-schedule.ts';
import { FixedClock } from '../../testing/fixed-clock.ts';
import { InMemoryLedger } from '../../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import type { BeatAnswer } from '../completion-target.ts';
import type { Ledger } from '../ledger.ts';
import { createTargets } from '../targets.ts';
import { BeatBudgets } from './beat-budgets.ts';
import type { BeatEvent } from './events.ts';

/** As often as a relay looks that has no time to spare. */
const STEP_MS = 50;

/** Lets a relay beat these waits for a while. Gives each wait's longest gap, as a share, and the fullest second. */
async function beatsOf(ledger: Ledger, timeouts: readonly number[], beatsPerSecond: number, forMs: number) {
  const hbtOf = new Map<string, number>();
  for (const [name, heartbeatTimeoutMs] of timeouts.entries()) {
    await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs, now: START });
    hbtOf.set(executionOfWait({ target: 'a', name }), heartbeatTimeoutMs);
  }
  const last = new Map<string, number>();
  const sentAt: number[] = [];
  let longest = 0;
  const gap = (id: string) =>
    (simulated.clock.now() - (last.get(id) ?? START)) / (hbtOf.get(id) ?? Number.NaN);
  const onBeat = (_: unknown, details: unknown): BeatAnswer => {
    const { executionId } = details as { readonly executionId: string };
    longest = Math.max(longest, gap(executionId));
    last.set(executionId, simulated.clock.now());
    sentAt.push(simulated.clock.now());
    return { kind: 'ok' };
  };
  const target = new ScriptedTarget({ name: 'a', beatsPerSecond, onBeat });
  const simulated = simulatedRelay(ledger, [target]);
  for (let passed = 0; passed < forMs; passed += STEP_MS) {
    simulated.clock.advance(STEP_MS);
    await simulated.relay.runOnce();
  }
  for (const id of hbtOf.keys()) longest = Math.max(longest, gap(id));
  return { longest, fullestSecond: fullestSecondOf(sentAt), beats: sentAt.length };
}

function fullestSecondOf(sentAt: readonly number[]): number {
  let most = 0;
  for (let from = 0, to = 0; to < sentAt.length; to += 1) {
    while ((sentAt[to] ?? 0) - (sentAt[from] ?? 0) >= 1_000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

describe('the relay, within the budget of a target', () => {
  test('leaves no wait alone for longer than 0.8 of its time-out, and sends no more than it may', async () => {
    const waits = fc.array(fc.integer({ min: 5_000, max: 20_000 }), { minLength: 20, maxLength: 40 });
    const slack = fc.double({ min: 1, max: 3, noNaN: true });
    await fc.assert(
      fc.asyncProperty(waits, slack, async (timeouts, more) => {
        const least = beatDemand(timeouts) / (0.9 * 2.25);
        const budget = Math.max(least * more, 10);
        const forMs = 2 * Math.max(...timeouts);
        const { longest, fullestSecond } = await beatsOf(new InMemoryLedger(), timeouts, budget, forMs);
        expect(longest).toBeLessThanOrEqual(0.8);
        // A quarter of a second's budget may go out at once, beside what the second itself gives.
        expect(fullestSecond).toBeLessThanOrEqual(1.25 * budget + 1);
      }),
      // A run takes too long to look for the smallest example.
      { numRuns: 12, endOnFailure: true },
    );
  }, 120_000);

  test('keeps 10,000 waits of a minute alive on half of the beats that they would have unstretched', async () => {
    await using open = await openSqliteLedger();
    const timeouts = Array.from({ length: 10_000 }, () => 60_000);
    const { longest, fullestSecond, beats } = await beatsOf(open.ledger, timeouts, 250, 75_000);
    expect(longest).toBeLessThanOrEqual(0.8);
    expect(fullestSecond).toBeLessThanOrEqual(313);
    expect(beats).toBeGreaterThan(15_000);
  }, 180_000);

  test('stretches the intervals under pressure, so that beats go out when they are due', async () => {
    const ledger = new InMemoryLedger();
    for (let name = 0; name < 100; name += 1) {
      await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs: 20_000, now: START });
    }
    const target = new ScriptedTarget({ name: 'a', beatsPerSecond: 10 });
    const { relay, clock, events } = simulatedRelay(ledger, [target]);
    while (events.length < 300) {
      clock.advance(STEP_MS);
      await relay.runOnce();
    }
    // The first round has to queue, and spreads the next ones. Unstretched, they would always be seconds late.
    expect(Math.max(...events.slice(200).map(({ lateMs }) => lateMs))).toBeLessThan(1_000);
  });

  test('beats a new binding before those that it has beaten, however late they are', async () => {
    const ledger = new InMemoryLedger();
    const hbt = 60_000;
    for (let name = 0; name < 50; name += 1) {
      await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs: hbt, now: START });
    }
    const target = new ScriptedTarget({ name: 'a', beatsPerSecond: 10 });
    const { relay, clock, events } = simulatedRelay(ledger, [target]);
    while (events.length < 50) {
      clock.advance(1_000);
      await relay.runOnce();
    }
    clock.advance(hbt);
    await bindWait(ledger, { target: 'a', name: 'new', heartbeatTimeoutMs: hbt, now: clock.now() - 2_000 });
    await relay.runOnce();
    // What the budget allows at once are a few of 51. They are answered in any order.
    const isNew = ({ executionId }: BeatEvent) =>
      executionId === executionOfWait({ target: 'a', name: 'new' });
    await eventually(() => events.slice(50).some(isNew));
    expect(events.length - 50).toBeLessThanOrEqual(3);
  });

  test('a target that hangs, and one that has too much to do, keep no beat from another', async () => {
    const ledger = new InMemoryLedger();
    for (const [target, count] of [
      ['hangs', 200],
      ['slow', 200],
      ['well', 50],
    ] as const) {
      for (let name = 0; name < count; name += 1) {
        await bindWait(ledger, { target, name, heartbeatTimeoutMs: 30_000, now: START });
      }
    }
    const held = Promise.withResolvers<BeatAnswer>();
    const targets = [
      new ScriptedTarget({ name: 'hangs', beatsPerSecond: 1_000, onBeat: () => held.promise }),
      new ScriptedTarget({ name: 'slow', beatsPerSecond: 10 }),
      new ScriptedTarget({ name: 'well', beatsPerSecond: 1_000 }),
    ];
    const { relay, clock, events } = simulatedRelay(ledger, targets, { tickMs: 5 });
    const stopping = new AbortController();
    const running = relay.run(stopping.signal);
    clock.advance(2_000);
    await eventually(() => events.filter(({ target }) => target === 'well').length === 50);
    expect(targets[0]?.beats.length).toBe(64);
    expect(targets[1]?.beats.length).toBeLessThan(10);
    held.resolve({ kind: 'ok' });
    stopping.abort();
    await running;
  });

  test('new waits are admitted up to the budget, each call once, and more when others have ended', async () => {
    const ledger = new InMemoryLedger();
    const clock = new FixedClock(START);
    const targets = createTargets([new ScriptedTarget({ name: 'a', beatsPerSecond: 10 })]);
    const budgets = new BeatBudgets({ ledger, targets, clock });
    const wait = (name: number) => ({ target: 'a', heartbeatTimeoutMs: 3_000, callId: `call ${name}` });
    const admitted: number[] = [];
    for (let name = 0; name < 30; name += 1) if (await budgets.admits(wait(name))) admitted.push(name);
    // One beat a second each; 10 a second, nine tenths of it, stretched by 2.25.
    expect(admitted).toHaveLength(20);
    expect(await budgets.admits(wait(0))).toBe(true);
    for (const name of admitted)
      await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs: 3_000, now: START });
    clock.advance(1_000);
    expect(await budgets.admits(wait(30))).toBe(false);
    expect(await budgets.report()).toMatchObject([{ target: 'a', demandPerSecond: 20, budgetPerSecond: 10 }]);
    await ledger.remove(executionOfWait({ target: 'a', name: 0 }));
    clock.advance(1_000);
    expect(await budgets.admits(wait(30))).toBe(true);
  });
});
