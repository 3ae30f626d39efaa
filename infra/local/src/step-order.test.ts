import { expect, test } from '@jest/globals';
import type { Step } from './demo-story.ts';
import { StepOrder } from './step-order.ts';

const step = (at: number, what: string): Step => ({ at, who: 'demo', what });

test('steps of two processes that arrive crosswise are told in the order in which they happened', async () => {
  const told: string[] = [];
  const both = Promise.withResolvers<void>();
  using order = new StepOrder((each) => {
    told.push(each.what);
    if (told.length === 2) both.resolve();
  });
  const now = Date.now();
  order.add(step(now, 'second'));
  order.add(step(now - 20, 'first'));
  await both.promise;
  expect(told).toEqual(['first', 'second']);
});

test('what is still held can be told at once', () => {
  const told: string[] = [];
  using order = new StepOrder((each) => told.push(each.what));
  order.add(step(Date.now(), 'last'));
  expect(told).toEqual([]);
  order.flush();
  expect(told).toEqual(['last']);
});
