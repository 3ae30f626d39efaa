import { failuresIn } from './failures.ts';
import { markdownTable } from './markdown-table.ts';
import { renderPlots } from './plots.ts';
import { processNames } from './processes/process-names.ts';
import {
  alternativeNames,
  comparedFigures,
  type MeasuredServer,
  type PerProcess,
  type Ratios,
  type Results,
} from './results.ts';
import { shapeNames } from './shapes/shape.ts';
import { percentiles } from './statistics.ts';

type Told = Pick<Results, 'servers' | 'ratio' | 'ratioOnDefault'>;

/** The figures as Markdown tables, and what failed. */
export function renderFigures(results: Told): string {
  const { servers, ratio, ratioOnDefault } = results;
  const failures = failuresIn(results).map((each) => `- ${each}`);
  return [
    renderServer('Tuned server', servers.tuned, ratio),
    renderServer('Default server', servers.default, ratioOnDefault),
    `## Written bytes, tuned server with a database file\n\n${describe(servers.file)}\n\n${renderBytes(results)}`,
    ...(failures.length === 0 ? [] : [`## What failed, warm-up included\n\n${failures.join('\n')}\n`]),
  ].join('\n');
}

/** What `results.md` says. */
export function renderReport(results: Results): string {
  const { machine, options, startedAt } = results;
  const { calls, warmUp, blocks, blockCalls, concurrency, fileCalls } = options;
  const { before, after } = machine.loadAverage;
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(1);
  const plots = Object.keys(renderPlots(results)).map((file) => `![${file}](${file})`);
  return `# Side by side

Run of ${startedAt}. On the tuned and on the default server ${calls} measured calls of each shape after ${warmUp} for
warm-up, one at a time; then ${blocks} blocks of ${blockCalls} calls of each shape, ${concurrency} at a time, after a smaller one for
warm-up. With a database file one block of ${fileCalls} calls. What the figures mean: README.md of \`bench\`.

Machine: ${machine.cores} × ${machine.cpu}, ${memory} GiB, ${machine.platform}, Node ${machine.node}; load average
${before.toFixed(2)} before, ${after.toFixed(2)} after.

${renderFigures(results)}
## Plots

${plots.join('\n')}
`;
}

function renderServer(title: string, server: MeasuredServer, ratios: Ratios): string {
  const { shapes } = server;
  const single = shapeNames.map((name) => {
    const { calls, failed, wallMs, overLimitMs, historyEvents, billableActions } = shapes[name].single;
    return [
      name,
      `${calls}`,
      `${failed}`,
      ...percentiles.map((p) => number(wallMs?.[p])),
      number(overLimitMs?.p50),
      counts(historyEvents.caller),
      counts(historyEvents.callee),
      counts(billableActions.caller),
      counts(billableActions.callee),
    ];
  });
  const loaded = shapeNames.map((name) => {
    const { calls, failed, callsPerSecond, wallMs, cpuMsPerCall } = shapes[name].loaded;
    const times = [number(callsPerSecond), number(wallMs?.p50), number(wallMs?.p95)];
    return [name, `${calls}`, `${failed}`, ...times, ...processes(cpuMsPerCall)];
  });
  const compared = alternativeNames.map((other) => [
    `handshake / ${other}`,
    ...comparedFigures.map((figure) => number(ratios[`${figure}_vs_${other}`], 2)),
  ]);
  const heads = percentiles.map((p) => `${p} ms`);
  const left = ['p50 over limit', 'caller events', 'callee events', 'caller actions', 'callee actions'];
  return [
    `## ${title}\n\n${describe(server)}\n`,
    `One call at a time:\n\n${markdownTable([['shape', 'calls', 'failed', ...heads, ...left], ...single])}`,
    `Many at a time, with milliseconds of processor time per call:\n\n${markdownTable([
      ['shape', 'calls', 'failed', 'calls/s', 'p50 ms', 'p95 ms', ...processNames, 'total'],
      ...loaded,
    ])}`,
    markdownTable([['ratio', ...comparedFigures], ...compared]),
  ].join('\n');
}

function renderBytes({ servers: { file } }: Pick<Results, 'servers'>): string {
  const rows = shapeNames.map((name) => {
    const { calls, failed, writtenBytesPerCall } = file.shapes[name];
    return [name, `${calls}`, `${failed}`, ...processes(writtenBytesPerCall, 0)];
  });
  return markdownTable([['bytes per call', 'calls', 'failed', ...processNames, 'total'], ...rows]);
}

function describe({ temporalServer }: Pick<MeasuredServer, 'temporalServer'>): string {
  const { version, storage, dynamicConfig } = temporalServer;
  const config = dynamicConfig.length === 0 ? "Temporal's defaults" : dynamicConfig.join(', ');
  return `Temporal server ${version}, ${storage === 'memory' ? 'in memory' : 'on a file'}; dynamic configuration: ${config}.`;
}

function processes(figures: PerProcess, digits = 1): string[] {
  // A process that takes no part has no figure; without a total, the platform does not tell any.
  if (figures.total === null) return [...processNames, 'total'].map(() => 'unknown');
  return [...processNames, 'total' as const].map((name) => number(figures[name], digits));
}

function number(value: number | null | undefined, digits = 1): string {
  return value?.toFixed(digits) ?? '-';
}

function counts(value: { readonly p50: number; readonly max: number } | null): string {
  if (value === null) return '-';
  return value.max === value.p50 ? String(value.p50) : `${value.p50} (max ${value.max})`;
}
