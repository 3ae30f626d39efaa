import { expect, test } from '@jest/globals';
import { boundOfShare, countedBetween, MetricSamples } from './metric-samples.ts';

const before = MetricSamples.parse(`# HELP beats_total Beats.
# TYPE beats_total counter
beats_total{answer="ok",target="temporal:default"} 10
beats_total{answer="not_found",target="a, \\"b\\"="} 3
late_seconds_bucket{le="0.1"} 5
late_seconds_bucket{le="1"} 5
late_seconds_bucket{le="+Inf"} 5
open 7
`);
const after = MetricSamples.parse(`beats_total{answer="ok",target="temporal:default"} 110
beats_total{answer="ok",target="other"} 1
beats_total{answer="not_found",target="a, \\"b\\"="} 3
late_seconds_bucket{le="0.1"} 95
late_seconds_bucket{le="1"} 105
late_seconds_bucket{le="+Inf"} 106
open 1e3
`);

test('figures are summed over all labels that are not asked for', () => {
  expect(after.sum('beats_total')).toBe(114);
  expect(after.sum('beats_total', { answer: 'ok' })).toBe(111);
  expect(after.sum('beats_total', { answer: 'ok', target: 'other' })).toBe(1);
  expect(after.sum('open')).toBe(1_000);
  expect(after.sum('no_such_metric')).toBe(0);
});

test('what was counted between two moments is told by label, without what did not change', () => {
  expect(countedBetween(before, after, 'beats_total', 'answer')).toEqual({ ok: 101 });
});

test('a share of what was observed lies within a bucket, unless that has no bound', () => {
  expect(boundOfShare(before, after, 'late_seconds', 0.5)).toBe(0.1);
  expect(boundOfShare(before, after, 'late_seconds', 0.95)).toBe(1);
  expect(boundOfShare(before, after, 'late_seconds', 1)).toBeNull();
  expect(boundOfShare(after, after, 'late_seconds', 0.5)).toBeNull();
});
