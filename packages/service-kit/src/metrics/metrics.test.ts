import { expect, test } from '@jest/globals';
import { createMetrics } from './create-metrics.ts';
import { defineMetrics } from './define-metrics.ts';
import { renderMetricsDocs } from './render-metrics-docs.ts';

const table = defineMetrics({
  calls_total: { type: 'counter', help: 'Calls.', labels: ['verdict'] },
  open_calls: { type: 'gauge', help: 'Open calls.' },
  wait_seconds: { type: 'histogram', help: 'Waits.', labels: ['target', 'verdict'], buckets: [1, 10] },
});

test('each definition becomes its instrument, under the prefix', async () => {
  const metrics = createMetrics(table, { prefix: 'app_', processMetrics: false });
  const { instruments } = metrics;
  instruments.calls_total.inc({ verdict: 'delivered' });
  instruments.open_calls.set(7);
  instruments.wait_seconds.observe({ target: 'temporal:default', verdict: 'delivered' }, 3);
  const { body } = await metrics.render();
  expect(body).toContain('app_calls_total{verdict="delivered"} 1');
  expect(body).toContain('app_open_calls 7');
  expect(body).toContain('app_wait_seconds_bucket{le="10",target="temporal:default",verdict="delivered"} 1');
  expect(body).not.toContain('process_');
});

test('two services in one process do not share their metrics', async () => {
  const [one, two] = [createMetrics(table), createMetrics(table)];
  one.instruments.open_calls.set(1);
  two.instruments.open_calls.set(2);
  expect((await one.render()).body).toContain('open_calls 1');
  expect((await two.render()).body).toContain('open_calls 2');
});

test('the table is the documentation', () => {
  expect(renderMetricsDocs('app', table, { prefix: 'app_' })).toBe(
    [
      '## app',
      '',
      '| metric | type | labels | meaning |',
      '|---|---|---|---|',
      '| `app_calls_total` | counter | `verdict` | Calls. |',
      '| `app_open_calls` | gauge |  | Open calls. |',
      '| `app_wait_seconds` | histogram | `target`, `verdict` | Waits. |',
      '',
    ].join('\n'),
  );
});
