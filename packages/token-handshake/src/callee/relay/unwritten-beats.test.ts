import { describe, expect, test } from '@jest/globals';
import { bindWait, executionOfWait, START, simulatedRelay } from '../../../test/relay-fixture.ts';
import { InMemoryLedger } from '../../testing/in-memory-ledger.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';

const HBT = 30_000;
const WAITS = 50;

describe('a ledger that takes no writes', () => {
  test('keeps no beat from any caller, sends none too often, and has the newest once it takes writes', async () => {
    const ledger = new InMemoryLedger();
    for (let name = 0; name < WAITS; name += 1) {
      await bindWait(ledger, { target: 'a', name, heartbeatTimeoutMs: HBT, now: START });
    }
    const full = new Error('database or disk is full');
    const recordBeats = ledger.recordBeats.bind(ledger);
    ledger.recordBeats = () => Promise.reject(full);
    const target = new ScriptedTarget({ name: 'a', beatsPerSecond: 10 });
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const { relay, clock, events } = simulatedRelay(ledger, [target], { onError, random: () => 0 });
    const beatenAt = new Map<string, number[]>();
    while (clock.now() < START + 4 * HBT) {
      clock.advance(250);
      await relay.runOnce();
      for (const { executionId } of events.splice(0)) {
        beatenAt.set(executionId, [...(beatenAt.get(executionId) ?? []), clock.now()]);
      }
    }
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every((error) => error === full)).toBe(true);
    expect(beatenAt.size).toBe(WAITS);
    for (const times of beatenAt.values()) {
      const gaps = [...times, clock.now()].map((at, i) => at - (times[i - 1] ?? START));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(0.8 * HBT);
      expect(times.length).toBeLessThanOrEqual((4 * HBT) / (HBT / 3) + 1);
    }
    ledger.recordBeats = recordBeats;
    await relay.runOnce();
    for (const [id, times] of beatenAt) {
      const call = await ledger.find(executionOfWait({ target: 'a', name: id.replace('aex_a-', '') }));
      expect(call?.lastBeatAt).toBe(times.at(-1));
    }
  });
});
