import type { MetricTable } from './define-metrics.ts';

/** A section of docs/metrics.md: a heading and one table for all metrics of a program. */
export function renderMetricsDocs(
  title: string,
  table: MetricTable,
  options: { prefix?: string } = {},
): string {
  const rows = Object.entries(table).map(([name, definition]) => {
    const labels = (definition.labels ?? []).map((label) => `\`${label}\``).join(', ');
    return `| \`${options.prefix ?? ''}${name}\` | ${definition.type} | ${labels} | ${definition.help.replaceAll('|', '\\|')} |`;
  });
  return [`## ${title}`, '', '| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}
