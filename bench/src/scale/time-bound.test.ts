import { describe, expect, test } from '@jest/globals';
import { unlessAborted } from '../unless-aborted.ts';
import { pauseFor, TimeUp, timeBound, untilNoneLeft } from './time-bound.ts';

const never = new AbortController().signal;

test('a bound ends what waits within it, and says why', async () => {
  using bound = timeBound(20);
  await expect(pauseFor(60_000, bound.signal)).rejects.toBeInstanceOf(TimeUp);
  await expect(unlessAborted(bound.signal, new Promise(() => {}))).rejects.toThrow('was over');
});

test('a bound that is not reached changes nothing', async () => {
  using bound = timeBound(60_000);
  expect(await unlessAborted(bound.signal, Promise.resolve(7))).toBe(7);
});

describe('waiting until nothing is left', () => {
  test('looks until it is so', async () => {
    const left = [2, 1, 0];
    await untilNoneLeft(async () => left.shift() ?? 0, { signal: never, stallMs: 60_000, what: 'all' });
    expect(left).toEqual([]);
  });

  test('gives up where nothing changes any more, and says how many are left', async () => {
    const waiting = untilNoneLeft(async () => 3, { signal: never, stallMs: 1, what: 'all to be open' });
    await expect(waiting).rejects.toThrow('expected all to be open, but 3 are left');
  });
});
