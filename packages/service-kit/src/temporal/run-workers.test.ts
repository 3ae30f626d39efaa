import { expect, test } from '@jest/globals';
import { cachedWorkflows } from './run-workers.ts';

const GIB = 1_024 ** 3;

test.each([
  [500, 4 * GIB, 500],
  [500, 0.5 * GIB, 182],
  [500, 0.1 * GIB, 10],
  [10, 4 * GIB, 10],
])('of %d workflows asked for, a heap of %d bytes keeps %d', (limit, heapBytes, kept) => {
  expect(cachedWorkflows(limit, heapBytes)).toBe(kept);
});
