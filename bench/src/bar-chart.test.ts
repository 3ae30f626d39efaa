import { expect, test } from '@jest/globals';
import { barChart } from './bar-chart.ts';

const chart = { title: 'Time', unit: 'ms', series: ['p50', 'p95'], stacked: false };

/** Of each bar: where its top is, and how high it is. */
function barsOf(svg: string): { y: number; height: number }[] {
  return [...svg.matchAll(/<rect x="\S+" y="(\S+)" width="\S+" height="(\S+)" fill="\S+"><title>/g)].map(
    ([, y, height]) => ({ y: Number(y), height: Number(height) }),
  );
}

test('bars are as high as their values, and stand on one line', () => {
  const svg = barChart({ ...chart, groups: [{ label: 'a', values: [10, 40] }] });
  const [small, large] = barsOf(svg);
  expect(large?.height).toBeCloseTo(4 * (small?.height ?? 0), 0);
  expect((large?.y ?? 0) + (large?.height ?? 0)).toBeCloseTo((small?.y ?? 0) + (small?.height ?? 0), 0);
  expect(svg).toContain('<title>a, p95: 40.0 ms</title>');
});

test('a stack grows from the top of the bar below', () => {
  const [below, above] = barsOf(
    barChart({ ...chart, stacked: true, groups: [{ label: 'a', values: [10, 40] }] }),
  );
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeCloseTo(below?.y ?? 0, 0);
});

test('what is missing has no bar, and nothing but missing values is an empty chart', () => {
  const groups = [
    { label: 'a', values: [null, 3] },
    { label: 'b', values: [null, null] },
  ];
  expect(barsOf(barChart({ ...chart, groups }))).toHaveLength(1);
  const empty = barChart({ ...chart, groups: [{ label: 'b', values: [null] }] });
  expect(barsOf(empty)).toEqual([]);
  expect(empty).not.toMatch(/NaN|Infinity/);
});

test('a bar above the cut ends there, with its number', () => {
  const groups = [{ label: 'a', values: [10, 1_000] }];
  const [, cut] = barsOf(barChart({ ...chart, cutAt: 20, groups }));
  const [, whole] = barsOf(barChart({ ...chart, groups: [{ label: 'a', values: [10, 20] }] }));
  expect(cut).toEqual(whole);
  const numbers = (svg: string) => [...svg.matchAll(/font-size="9">(\d+)</g)].map(([, number]) => number);
  expect(numbers(barChart({ ...chart, cutAt: 20, groups }))).toEqual(['1000']);
  expect(numbers(barChart({ ...chart, groups }))).toEqual([]);
});

test('names cannot break the document', () => {
  const svg = barChart({ ...chart, title: 'a < b & "c"', groups: [] });
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
});
