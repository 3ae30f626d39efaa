import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  beatDeadline,
  beatDemand,
  beatStretch,
  compareDueBeats,
  fitsBeatBudget,
  nextBeatAt,
} from './beat-schedule.ts';

const hbt = fc.integer({ min: 5_000, max: 600_000 });
const jitter = fc.double({ min: 0, max: 0.999, noNaN: true });

/** One relay that sends as many beats a second as the budget allows; gives the longest gap of each wait, as a share. */
function longestGaps(timeouts: readonly number[], budgetPerSecond: number, random: () => number): number[] {
  const stretch = beatStretch({ demandPerSecond: beatDemand(timeouts), budgetPerSecond });
  const waits = timeouts.map((heartbeatTimeoutMs) => ({
    heartbeatTimeoutMs,
    isNew: true,
    last: 0,
    due: nextBeatAt({ now: 0, heartbeatTimeoutMs, isNew: true }),
    longest: 0,
  }));
  const end = 5 * Math.max(...timeouts);
  for (let now = 0; now < end; ) {
    const [next] = waits
      .filter(({ due }) => due <= now)
      .map((wait) => ({ ...wait, wait, deadline: beatDeadline(wait.last, wait.heartbeatTimeoutMs) }))
      .toSorted(compareDueBeats);
    if (!next) {
      now = Math.min(...waits.map(({ due }) => due));
      continue;
    }
    const { wait } = next;
    wait.longest = Math.max(wait.longest, (now - wait.last) / wait.heartbeatTimeoutMs);
    wait.last = now;
    wait.isNew = false;
    wait.due = nextBeatAt({ now, heartbeatTimeoutMs: wait.heartbeatTimeoutMs, stretch, jitter: random() });
    now += 1_000 / budgetPerSecond;
  }
  return waits.map(({ longest }) => longest);
}

describe('the beats of the relay', () => {
  test('come each third of the heartbeat time-out, a little earlier by jitter', () => {
    expect(nextBeatAt({ now: 1_000, heartbeatTimeoutMs: 60_000 })).toBe(21_000);
    fc.assert(
      fc.property(hbt, jitter, (heartbeatTimeoutMs, random) => {
        const at = nextBeatAt({ now: 0, heartbeatTimeoutMs, jitter: random });
        expect(at).toBeLessThanOrEqual(heartbeatTimeoutMs / 3);
        expect(at).toBeGreaterThan(heartbeatTimeoutMs * 0.29);
      }),
    );
  });

  test('begin at once for a new binding', () => {
    expect(nextBeatAt({ now: 0, heartbeatTimeoutMs: 60_000, isNew: true })).toBe(1_000);
    expect(nextBeatAt({ now: 0, heartbeatTimeoutMs: 4_000, isNew: true })).toBe(200);
  });

  test('stretch under pressure, and never past what the deadline leaves', () => {
    expect(beatStretch({ demandPerSecond: 1, budgetPerSecond: 100 })).toBe(1);
    fc.assert(
      fc.property(
        hbt,
        jitter,
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (heartbeatTimeoutMs, random, stretch) => {
          const at = nextBeatAt({ now: 0, heartbeatTimeoutMs, jitter: random, stretch });
          expect(at).toBeLessThan(beatDeadline(0, heartbeatTimeoutMs));
        },
      ),
    );
  });

  test('go to new bindings first, then to whoever has least time left', () => {
    const due = [
      { isNew: false, deadline: 5 },
      { isNew: true, deadline: 9 },
      { isNew: false, deadline: 3 },
    ];
    expect(due.toSorted(compareDueBeats).map(({ deadline }) => deadline)).toEqual([9, 3, 5]);
  });

  test('a budget for 10,000 waits of a minute is 250 a second, and not 200', () => {
    const demandPerSecond = beatDemand(Array.from({ length: 10_000 }, () => 60_000));
    expect(demandPerSecond).toBeCloseTo(500);
    expect(fitsBeatBudget({ demandPerSecond, budgetPerSecond: 250 })).toBe(true);
    expect(fitsBeatBudget({ demandPerSecond, budgetPerSecond: 200 })).toBe(false);
  });

  test('leave no wait alone for longer than 0.8 of its time-out, for any waits within the budget', () => {
    const waits = fc.array(hbt, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        waits,
        fc.double({ min: 1, max: 3, noNaN: true }),
        fc.infiniteStream(jitter),
        (timeouts, slack, stream) => {
          const demandPerSecond = beatDemand(timeouts);
          const least = demandPerSecond / (0.9 * 2.25);
          const budgetPerSecond = Math.max(least * slack, 10);
          expect(fitsBeatBudget({ demandPerSecond, budgetPerSecond: budgetPerSecond * 1.0001 })).toBe(true);
          const gaps = longestGaps(timeouts, budgetPerSecond, () => stream.next().value ?? 0);
          expect(Math.max(...gaps)).toBeLessThanOrEqual(0.8);
        },
      ),
      { numRuns: 60 },
    );
  });
});
