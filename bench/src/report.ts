import type { Results } from './results.ts';
import { shapeNames } from './shapes/shape.ts';
import { percentiles } from './statistics.ts';

/** The figures as two Markdown tables, and what failed. */
export function renderFigures({ shapes, ratio }: Pick<Results, 'shapes' | 'ratio'>): string {
  const figures = shapeNames.map((name) => {
    const { calls, failed, wallMs, historyEvents } = shapes[name];
    const times = percentiles.map((p) => wallMs?.[p].toFixed(1) ?? 'none');
    return [name, String(calls), String(failed), ...times, ...Object.values(historyEvents).map(events)];
  });
  const ratios = (['limit', 'blocking'] as const).map((other) => [
    `handshake / ${other}`,
    ...percentiles.map((p) => ratio[`${p}_vs_${other}`]?.toFixed(2) ?? 'none'),
  ]);
  const failures = shapeNames.flatMap((name) => shapes[name].failures.map((each) => `- ${name}: ${each}`));
  const heads = percentiles.map((p) => `${p} ms`);
  return [
    table([['shape', 'calls', 'failed', ...heads, 'caller events', 'callee events'], ...figures]),
    table([['ratio', ...percentiles], ...ratios]),
    ...(failures.length === 0 ? [] : [`What failed, warm-up included:\n\n${failures.join('\n')}\n`]),
  ].join('\n');
}

/** What `results.md` says. */
export function renderReport(results: Results): string {
  const { machine, temporalServer, options, startedAt } = results;
  const { before, after } = machine.loadAverage;
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(1);
  return `# Side by side

Run of ${startedAt}: ${options.calls} measured calls of each shape after ${options.warmUp} for warm-up, one at a time.
Temporal server ${temporalServer.version} in memory; ${machine.cores} × ${machine.cpu}, ${memory} GiB,
${machine.platform}, Node ${machine.node}; load average ${before.toFixed(2)} before, ${after.toFixed(2)} after.
What the figures mean: README.md of \`bench\`.

${renderFigures(results)}`;
}

function events(counts: { readonly p50: number; readonly max: number } | null): string {
  if (counts === null) return '-';
  return counts.max === counts.p50 ? String(counts.p50) : `${counts.p50} (max ${counts.max})`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const padded = rows.map((row) =>
    line(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))),
  );
  const rule = line(widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [padded[0], rule, ...padded.slice(1)].join('');
}
