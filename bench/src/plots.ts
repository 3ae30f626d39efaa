import { barChart } from './bar-chart.ts';
import { type ProcessName, processNames } from './processes/process-names.ts';
import type { Results } from './results.ts';
import { type ShapeName, shapeNames } from './shapes/shape.ts';
import { percentiles } from './statistics.ts';

/** The plots of a run, as SVG documents by file name. */
export function renderPlots({ servers }: Pick<Results, 'servers'>): Readonly<Record<string, string>> {
  const { tuned, file } = servers;
  const eachShape = (valuesOf: (name: ShapeName) => readonly (number | null)[]) =>
    shapeNames.map((label) => ({ label, values: valuesOf(label) }));
  const wallTime = (server: 'tuned' | 'default') =>
    barChart({
      title: `Wall time of one call at a time, ${server} server`,
      unit: 'ms',
      series: percentiles,
      stacked: false,
      // What polls each second would leave nothing to be seen of the others.
      cutAt: Math.max(
        ...shapeNames
          .filter((name) => name !== 'blocking')
          .map((name) => servers[server].shapes[name].single.wallMs?.p99 ?? 0),
      ),
      groups: eachShape((name) =>
        percentiles.map((p) => servers[server].shapes[name].single.wallMs?.[p] ?? null),
      ),
    });
  const byProcess = (
    title: string,
    unit: string,
    figureOf: (name: ShapeName, process: ProcessName) => number | null,
  ) =>
    barChart({
      title,
      unit,
      series: processNames,
      stacked: true,
      groups: eachShape((name) => processNames.map((process) => figureOf(name, process))),
    });
  return {
    'wall-time-tuned.svg': wallTime('tuned'),
    'wall-time-default.svg': wallTime('default'),
    'throughput.svg': barChart({
      title: 'Answered calls, 50 at a time',
      unit: 'per second',
      series: ['tuned', 'default'],
      stacked: false,
      groups: eachShape((name) => [
        tuned.shapes[name].loaded.callsPerSecond,
        servers.default.shapes[name].loaded.callsPerSecond,
      ]),
    }),
    'cpu.svg': byProcess(
      'Processor time per call, 50 at a time, tuned server',
      'ms',
      (name, process) => tuned.shapes[name].loaded.cpuMsPerCall[process],
    ),
    'written-bytes.svg': byProcess('Written per call, database file', 'KiB', (name, process) => {
      const bytes = file.shapes[name].writtenBytesPerCall[process];
      return bytes === null ? null : bytes / 1_024;
    }),
  };
}
