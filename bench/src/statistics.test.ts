import { describe, expect, test } from '@jest/globals';
import { distribution, percentile, ratio } from './statistics.ts';

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

describe('a percentile', () => {
  test('is the nearest rank, in whatever order the samples came', () => {
    expect([50, 95, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 95, 99, 100]);
  });

  test('is always a sample: of an even number the lower middle one, of one that one', () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2);
    expect(percentile([7], 1)).toBe(7);
  });

  test('sorts by value, not as text', () => {
    expect(percentile([9, 10, 100], 50)).toBe(10);
  });

  test('of nothing, or beyond 0 and 100, is refused', () => {
    expect(() => percentile([], 50)).toThrow('at least one sample');
    expect(() => percentile([1], 0)).toThrow('percentage');
    expect(() => percentile([1], Number.NaN)).toThrow('percentage');
  });
});

test('a distribution tells percentiles and both ends, and nothing of no samples', () => {
  expect(distribution(hundred)).toEqual({ p50: 50, p95: 95, p99: 99, min: 1, max: 100 });
  expect(distribution([])).toBeNull();
});

test('a ratio needs both sides', () => {
  expect(ratio(3, 2)).toBe(1.5);
  expect(ratio(undefined, 2)).toBeNull();
  expect(ratio(3, undefined)).toBeNull();
  expect(ratio(3, 0)).toBeNull();
});
