import { type LedgerFigures, type MeasuredSize, type ProcessName, processNames } from './scale-results.ts';

/** What a figure is about: those of one group are in one plot. */
export const figureGroups = {
  time: 'Time to open and to drain all calls',
  memory: 'Resident memory with all calls open',
  newCall: 'A new call while all are open (p50)',
  relay: 'CPU of the relay',
} as const;

/** One of {@link figureGroups}. */
export type FigureGroup = keyof typeof figureGroups;

/** A figure that is told for each number of open calls, and fitted over all of them. */
export interface Figure {
  /** As in `growth` of `scale.json`. */
  readonly key: string;
  readonly group: FigureGroup;
  readonly title: string;
  readonly unit: string;
  of(size: MeasuredSize): number | null;
}

const MIB = 2 ** 20;

const processTitles: Readonly<Record<ProcessName, string>> = {
  stigmer: 'stigmer-server',
  zigflow: 'zigflow-worker',
  temporal: 'Temporal, its store in memory included',
  bench: 'bench, with the runner',
};

/** All of them, in the order of the report. */
export const figures: readonly Figure[] = [
  { key: 'openSeconds', group: 'time', title: 'open', unit: 's', of: ({ openMs }) => openMs / 1_000 },
  { key: 'drainSeconds', group: 'time', title: 'drain', unit: 's', of: ({ drainMs }) => drainMs / 1_000 },
  ...processNames.map(
    (name): Figure => ({
      key: `memoryMiB.${name}`,
      group: 'memory',
      title: processTitles[name],
      unit: 'MiB',
      of: ({ quiet }) => quiet.open.residentBytes[name] / MIB,
    }),
  ),
  {
    key: 'newCallP50Ms',
    group: 'newCall',
    title: 'new call',
    unit: 'ms',
    of: ({ newCalls }) => newCalls.open.wallMs?.p50 ?? null,
  },
  {
    key: 'relayCpuMsPerSecond',
    group: 'relay',
    title: 'CPU in each second',
    unit: 'ms/s',
    of: ({ relay }) => relay.cpuMsPerSecond,
  },
  {
    key: 'relayCpuMsPerBeat',
    group: 'relay',
    title: 'CPU for each beat',
    unit: 'ms',
    of: ({ relay }) => relay.cpuMsPerBeat,
  },
];

/** A figure at every size where there is one. */
export function pointsOf(figure: Figure, sizes: readonly MeasuredSize[]) {
  return sizes.flatMap((size) => {
    const value = figure.of(size);
    return value === null ? [] : [{ waits: size.waits, value }];
  });
}

/** A figure of the ledger alone, fitted over the sizes that it was measured with. */
export interface LedgerFigure {
  /** As in `growth` of `scale.json`. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  of(ledger: LedgerFigures): number;
}

/** All of them, in the order of the report. */
export const ledgerFigures: readonly LedgerFigure[] = [
  {
    key: 'ledger.fileMiB',
    title: 'file',
    unit: 'MiB',
    of: ({ fileBytes }) => fileBytes / MIB,
  },
  { key: 'ledger.loadMs', title: 'load of beats, each second', unit: 'ms', of: ({ loadMs }) => loadMs },
  { key: 'ledger.dueMs', title: 'who is due, each 50 ms', unit: 'ms', of: ({ dueMs }) => dueMs },
  { key: 'ledger.allDueMs', title: 'who is due, when all are', unit: 'ms', of: ({ allDueMs }) => allDueMs },
  {
    key: 'ledger.writeMsPerBeat',
    title: 'one beat written, of 64',
    unit: 'ms',
    of: ({ writeMsPerBeat }) => writeMsPerBeat,
  },
  {
    key: 'ledger.sweepCountMs',
    title: 'how many are open, each run of the sweep',
    unit: 'ms',
    of: ({ sweepCountMs }) => sweepCountMs,
  },
  {
    key: 'ledger.metricsCountMs',
    title: 'how many wait for what, each look at the metrics',
    unit: 'ms',
    of: ({ metricsCountMs }) => metricsCountMs,
  },
];
