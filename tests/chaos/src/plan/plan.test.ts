import { describe, expect, test } from '@jest/globals';
import { planOf } from './plan.ts';

const options = { seed: 7, calls: 400, callsPerFault: 20 };

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planOf(options)).toEqual(planOf(options));
    expect(planOf({ ...options, seed: 8 })).not.toEqual(planOf(options));
  });

  test('has calls that do not depend on the faults', () => {
    expect(planOf({ ...options, callsPerFault: 5 }).calls).toEqual(planOf(options).calls);
  });

  test('has as many calls as asked for, each with a key of its own, and faults in the order of their time', () => {
    const { calls, faults } = planOf(options);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(400);
    const times = faults.map(({ afterCalls }) => afterCalls);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(Math.max(...times)).toBeLessThan(400);
  });

  test('has every kind of call and of fault, when it is long', () => {
    const { calls, faults } = planOf({ seed: 1, calls: 10_000, callsPerFault: 25 });
    expect(new Set(calls.map(({ profile }) => profile)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(faults.map(({ action }) => action.kind)).size).toBe(7);
    expect(faults.length).toBeGreaterThan(300);
    expect(faults.length).toBeLessThan(500);
  });
});
