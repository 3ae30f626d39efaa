import { expect, test } from '@jest/globals';
import { figureGroups } from './figures.ts';
import { measuredSize } from './measured-size.suite.ts';
import { noResults, withBlocking, withMissing, withSize } from './merge-results.ts';
import { renderPlot } from './plot.ts';
import { renderScaleReport } from './report.ts';

const nothing = noResults({ cpu: 'cpu', cores: 2, memoryBytes: 2 ** 30, platform: 'Linux', node: '24' }, 1);
const sizes = [measuredSize(100), measuredSize(1_000)];
const measured = sizes.reduce((known, size) => withSize(known, size), nothing);

test('the report shows each size beside the others, how figures grow, and what is missing', () => {
  const report = renderScaleReport(
    withMissing(measured, { sizes: [100, 1_000, 10_000], blockingMs: 0, ledgerRows: [] }),
  );
  expect(report).toMatch(/\| time to open, s +\| +2\.5 \| +25\.0 \|/);
  expect(report).toMatch(/\| openSeconds +\| +1\.00 \| +25\.0 s \|/);
  expect(report).toContain('- 10000 open calls: not begun');
});

test('the report shows the blocking alternative beside the handshake with as many calls', () => {
  const report = renderScaleReport(
    withBlocking(measured, {
      state: 'measured',
      startedAt: '2026-01-01T00:00:00.000Z',
      slots: 1,
      calls: 100,
      boundMs: 60_000,
      opened: 1,
      answered: 55,
      drainMs: null,
      failed: 0,
    }),
  );
  expect(report).toMatch(/\| open at once within 60 s +\| +1 \| 100 \(after 2\.5 s\) \|/);
});

test('nothing measured is a report, too', () => {
  expect(renderScaleReport(nothing)).toContain('never started');
});

test.each(Object.keys(figureGroups) as (keyof typeof figureGroups)[])(
  'the plot of %s has a point for each size, on axes of whole decades',
  (group) => {
    const plot = renderPlot(group, sizes);
    const points = [...plot.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    expect(new Set(points.map(([, x]) => x))).toEqual(new Set(['70', '620']));
    expect(plot).not.toMatch(/NaN|Infinity|undefined/);
    expect(renderPlot(group, [measuredSize(100)])).not.toMatch(/NaN|Infinity|undefined/);
  },
);

test('a line on logarithmic axes rises by a decade with each, where a figure grows in proportion', () => {
  const plot = renderPlot('time', sizes);
  expect(plot).toContain('open, s: grows with the power 1.00');
});
