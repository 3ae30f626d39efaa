import { expect, test } from '@jest/globals';
import type { JsonValue } from '@token-handshake/core';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

test.each<[JsonValue, number | undefined]>([
  ['60s', 60_000],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['2d', 172_800_000],
  ['PT5M', 300_000],
  ['P1DT2H3M4.5S', 93_784_500],
  [{ minutes: 5 }, 300_000],
  [{ hours: 1, milliseconds: 1 }, 3_600_001],
  [60, undefined],
  ['60', undefined],
  ['', undefined],
  ['P', undefined],
  ['PT', undefined],
  ['0s', undefined],
  ['5 m', undefined],
  ['-5m', undefined],
  ['5x', undefined],
  [{}, undefined],
  [{ weeks: 1 }, undefined],
  [{ minutes: -1 }, undefined],
  [{ minutes: '5' }, undefined],
  [null, undefined],
  [[5], undefined],
])('parseDuration(%j) is %p', (value, ms) => {
  expect(parseDuration(value)).toBe(ms);
});

test('what formatDuration writes, parseDuration reads', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('no text makes parseDuration throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^P?[0-9DTHMSdhms.]*$/)), (text) => {
      const ms = parseDuration(text);
      expect(ms === undefined || (Number.isInteger(ms) && ms > 0)).toBe(true);
    }),
  );
});
