import { describe, expect, test } from '@jest/globals';
import { growthOf } from './growth.ts';

const sizes = [100, 1_000, 10_000];
const along = (value: (waits: number) => number) => sizes.map((waits) => ({ waits, value: value(waits) }));

describe('growth', () => {
  test('in proportion has the exponent 1, and its factor as the slope', () => {
    const growth = growthOf(along((waits) => 0.25 * waits));
    expect(growth?.exponent).toBeCloseTo(1, 10);
    expect(growth?.per1000).toBeCloseTo(250, 10);
  });

  test('with the square, or with the square root, has the exponent 2 or 0.5', () => {
    expect(growthOf(along((waits) => 3 * waits ** 2))?.exponent).toBeCloseTo(2, 10);
    expect(growthOf(along((waits) => 7 * Math.sqrt(waits)))?.exponent).toBeCloseTo(0.5, 10);
  });

  test('of what stays is nought', () => {
    const growth = growthOf(along(() => 5));
    expect(growth?.exponent).toBeCloseTo(0, 10);
    expect(growth?.per1000).toBeCloseTo(0, 10);
  });

  test('of what lies on no line is the line with the least squares', () => {
    const points = [1, 2, 3].map((thousands, i) => ({ waits: thousands * 1_000, value: [1, 1, 4][i] ?? 0 }));
    expect(growthOf(points)?.per1000).toBeCloseTo(1.5, 10);
  });

  test('has no exponent where a figure is nought or below', () => {
    expect(growthOf(along((waits) => waits - 1_000))).toEqual({
      exponent: null,
      per1000: expect.closeTo(1_000),
    });
  });

  test('needs two different numbers of calls', () => {
    expect(growthOf([])).toBeNull();
    expect(growthOf([{ waits: 100, value: 1 }])).toBeNull();
    expect(growthOf([1, 2].map((value) => ({ waits: 100, value })))).toBeNull();
  });
});
