import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventually } from '../../../test/eventually.ts';
import { bindWait, executionOfWait, START, simulatedRelay } from '../../../test/relay-fixture.ts';
import type { ExecutionId } from '../../ids.ts';
import { InMemoryLedger } from '../../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import type { BeatAnswer } from '../completion-target.ts';
import { PARTITIONS } from '../leases/partition.ts';
import { FailingRows } from './failing-rows.ts';

const STEP_MS = 50;
const SILENT: BeatAnswer = { kind: 'unreachable', detail: 'Nobody answers for this one.' };

/** Waits of one target, of which some are never answered for. Tells the longest gap of the others, as a share. */
async function waitsOf({ timeouts, silent }: Case) {
  const ledger = new InMemoryLedger();
  const hbtOf = new Map<string, number>();
  const silentIds = new Set<string>();
  for (const [name, heartbeatTimeoutMs] of timeouts.entries()) {
    await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs, now: START });
    const id = executionOfWait({ target: 'a', name });
    if (silent.has(name)) silentIds.add(id);
    else hbtOf.set(id, heartbeatTimeoutMs);
  }
  const last = new Map<string, number>();
  let longest = 0;
  const note = (id: string, now: number) => {
    const hbt = hbtOf.get(id);
    if (hbt === undefined) return;
    longest = Math.max(longest, (now - (last.get(id) ?? START)) / hbt);
    last.set(id, now);
  };
  return {
    ledger,
    isSilent: (id: string) => silentIds.has(id),
    note,
    longestAt: (now: number) => {
      for (const id of hbtOf.keys()) note(id, now);
      return longest;
    },
  };
}

interface Case {
  readonly timeouts: readonly number[];
  /** Which of them, by their index. */
  readonly silent: ReadonlySet<number>;
}

const cases = fc
  .array(fc.integer({ min: 5_000, max: 20_000 }), { minLength: 2, maxLength: 40 })
  .chain((timeouts) =>
    fc.record({
      timeouts: fc.constant(timeouts),
      silent: fc
        .uniqueArray(fc.nat({ max: timeouts.length - 1 }), { minLength: 1, maxLength: timeouts.length - 1 })
        .map((names) => new Set(names)),
    }),
  );

describe('rows that nobody answers for', () => {
  test('push no other row past 0.8 of its time-out, however many they are', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { ledger, isSilent, note, longestAt } = await waitsOf(given);
        const onBeat = (_: unknown, details: unknown): BeatAnswer => {
          const { executionId } = details as { readonly executionId: string };
          if (isSilent(executionId)) return SILENT;
          note(executionId, clock.now());
          return { kind: 'ok' };
        };
        const target = new ScriptedTarget({ name: 'a', beatsPerSecond: 200, onBeat });
        const { relay, clock } = simulatedRelay(ledger, [target]);
        const until = START + 2 * Math.max(...given.timeouts);
        while (clock.now() < until) {
          clock.advance(STEP_MS);
          await relay.runOnce();
        }
        expect(longestAt(clock.now())).toBeLessThanOrEqual(0.8);
      }),
      // A run takes too long to look for the smallest example.
      { numRuns: 12, endOnFailure: true },
    );
  }, 120_000);

  test('do not starve the others of one target for longer than it takes to see which they are', async () => {
    const timeouts = Array.from({ length: 11 }, () => 60_000);
    const { ledger, isSilent, note, longestAt } = await waitsOf({ timeouts, silent: new Set([0]) });
    const onBeat = (_: unknown, details: unknown): BeatAnswer => {
      const { executionId } = details as { readonly executionId: string };
      if (isSilent(executionId)) return SILENT;
      note(executionId, clock.now());
      return { kind: 'ok' };
    };
    const target = new ScriptedTarget({ name: 'a', onBeat });
    const { relay, clock, events } = simulatedRelay(ledger, [target]);
    while (clock.now() < START + 180_000) {
      clock.advance(STEP_MS);
      await relay.runOnce();
    }
    expect(longestAt(clock.now())).toBeLessThanOrEqual(0.8);
    // 1, 2, 4, 8 seconds apart, closer again while it might still be saved, and then as often as every other row.
    expect(events.filter(({ answer }) => answer.kind === 'unreachable').length).toBeLessThan(30);
  });

  test('leave beats under way to the others where each of theirs hangs until it times out', async () => {
    const hangMs = 5_000;
    const timeouts = Array.from({ length: 60 }, () => 30_000);
    const silent = new Set(Array.from({ length: 40 }, (_, name) => name));
    const { ledger, isSilent, note, longestAt } = await waitsOf({ timeouts, silent });
    const stopping = new AbortController();
    const hanging: { readonly until: number; readonly end: () => void }[] = [];
    const onBeat = (_: unknown, details: unknown): BeatAnswer | Promise<BeatAnswer> => {
      const { executionId } = details as { readonly executionId: string };
      note(executionId, clock.now());
      if (!isSilent(executionId)) return { kind: 'ok' };
      if (stopping.signal.aborted) return SILENT;
      return new Promise((resolve) => {
        hanging.push({ until: clock.now() + hangMs, end: () => resolve(SILENT) });
      });
    };
    const target = new ScriptedTarget({ name: 'a', beatsPerSecond: 1_000, onBeat });
    let ticks = 0;
    let mostHanging = 0;
    const held = () => {
      ticks += 1;
      return new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 1]));
    };
    await ledger.claimLeases({ server: 'a', termMs: 3_600_000, takeOver: false });
    const { relay, clock } = simulatedRelay(ledger, [target], {
      leases: { held },
      concurrency: 16,
      tickMs: 1,
    });
    const running = relay.run(stopping.signal);
    while (clock.now() < START + 90_000) {
      clock.advance(250);
      while (hanging[0] && hanging[0].until <= clock.now()) hanging.shift()?.end();
      const before = ticks;
      await eventually(() => ticks >= before + 2);
      if (clock.now() > START + 45_000) mostHanging = Math.max(mostHanging, hanging.length);
    }
    stopping.abort();
    for (const { end } of hanging) end();
    await running;
    // Once it is known which they are, they have a quarter of what may be under way.
    expect(mostHanging).toBe(4);
    expect(longestAt(clock.now())).toBeLessThanOrEqual(0.8);
  }, 60_000);

  test('are tried again in time where an outage ends before their time-out does', async () => {
    const hbt = 30_000;
    // What the last wait of the row, the one of its target, and its first beat take.
    const marginMs = 3_500;
    const outages = fc.record({ from: fc.nat({ max: 40_000 }), forMs: fc.integer({ min: 50, max: hbt }) });
    await fc.assert(
      fc.asyncProperty(outages, async ({ from, forMs }) => {
        const ledger = new InMemoryLedger();
        await bindWait(ledger, { target: 'a', name: 0, heartbeatTimeoutMs: hbt, now: START });
        let last = START;
        let lastBefore: number | undefined;
        const onBeat = (): BeatAnswer => {
          const passed = clock.now() - START;
          if (passed >= from && passed < from + forMs) return SILENT;
          if (passed >= from) lastBefore ??= last;
          last = clock.now();
          return { kind: 'ok' };
        };
        const { relay, clock } = simulatedRelay(ledger, [new ScriptedTarget({ name: 'a', onBeat })]);
        while (lastBefore === undefined) {
          clock.advance(STEP_MS);
          await relay.runOnce();
        }
        const savable = START + from + forMs <= lastBefore + hbt - marginMs;
        if (savable) expect(last - lastBefore).toBeLessThanOrEqual(hbt);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('are forgotten when they are not tried any more, and at once when they are answered', async () => {
    const hbt = 30_000;
    const ledger = new InMemoryLedger();
    for (let name = 0; name < 3; name += 1) {
      await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs: hbt, now: START });
    }
    const due = await ledger.dueBeats(START + hbt, 3);
    const rows = new FailingRows();
    for (const bound of due.slice(0, 2)) rows.failed(bound, START, START + hbt / 3);
    rows.answered(due[1]?.call.executionId as ExecutionId);
    expect(due.map((bound) => rows.failedAt(bound))).toEqual([START, undefined, undefined]);
    for (const bound of due.slice(2)) rows.failed(bound, START + 3 * hbt, START + 4 * hbt);
    expect(due.map((bound) => rows.failedAt(bound))).toEqual([undefined, undefined, START + 3 * hbt]);
    expect(rows.size).toBe(1);
  });

  test('have another chance with a newer token', async () => {
    const ledger = new InMemoryLedger();
    await bindWait(ledger, { target: 'a', name: 0, heartbeatTimeoutMs: 30_000, now: START });
    const rows = new FailingRows();
    for (const { call, binding } of await ledger.dueBeats(START + 1_000, 1)) {
      rows.failed({ call, binding }, START, START + 10_000);
      expect(rows.failedAt({ call, binding: { ...binding, generation: 2 } })).toBeUndefined();
      expect(rows.failedAt({ call, binding })).toBe(START);
    }
  });
});
