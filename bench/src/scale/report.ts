import { markdownTable } from '../markdown-table.ts';
import { figures, ledgerFigures } from './figures.ts';
import { isMeasured } from './merge-results.ts';
import { type BlockingOutcome, type MeasuredSize, processNames, type ScaleResults } from './scale-results.ts';
import { checkScale, renderCheck } from './targets.ts';

const MIB = 2 ** 20;

type Row = readonly [title: string, of: (size: MeasuredSize) => string];

const rows: readonly Row[] = [
  ['liveness deadline, s', ({ livenessMs }) => fixed(livenessMs / 1_000, 0)],
  ['time to open, s', ({ openMs }) => fixed(openMs / 1_000)],
  ['opened per second', ({ openMs, waits }) => fixed(waits / (openMs / 1_000))],
  ...processNames.map(
    (name): Row => [
      `memory of ${name}, MiB: empty → open`,
      ({ quiet: { empty, open } }) =>
        `${fixed(empty.residentBytes[name] / MIB, 0)} → ${fixed(open.residentBytes[name] / MIB, 0)}`,
    ],
  ),
  ...(['stigmer', 'zigflow'] as const).map(
    (name): Row => [
      `heap in use of ${name}, MiB: empty → open`,
      ({ quiet: { empty, open } }) =>
        `${fixed(empty.heapUsedBytes[name] / MIB, 0)} → ${fixed(open.heapUsedBytes[name] / MIB, 0)}`,
    ],
  ),
  [
    'new call p50, ms: empty → open → drained',
    ({ newCalls: { empty, open, drained } }) =>
      [empty, open, drained].map(({ wallMs }) => fixed(wallMs?.p50)).join(' → '),
  ],
  ['new call p50, open / empty', ({ ratio }) => fixed(ratio.newCallP50, 2)],
  ...processNames.map(
    (name): Row => [
      `CPU of ${name}, ms/s: empty → open`,
      ({ quiet: { empty, open } }) =>
        `${fixed(empty.cpuMsPerSecond[name])} → ${fixed(open.cpuMsPerSecond[name])}`,
    ],
  ),
  ['relay: CPU per 1,000 waits, ms/s', ({ relay }) => fixed(relay.cpuMsPerSecondPer1000Waits)],
  ['relay: CPU per beat, ms', ({ relay }) => fixed(relay.cpuMsPerBeat, 2)],
  ['beats per second: due', ({ beats }) => fixed(beats.duePerSecond)],
  ['beats per second: seen', ({ beats }) => fixed(beats.perSecond)],
  ['beats by answer', ({ beats }) => counts(beats.byAnswer)],
  [
    'beats late, ms: mean, 99 of 100 at most',
    ({ beats }) => `${fixed(beats.meanLateMs)}, ${fixed(beats.p99LateMs, 0)}`,
  ],
  ['time to drain, s', ({ drainMs }) => fixed(drainMs / 1_000)],
  ['drained per second', ({ drainMs, waits }) => fixed(waits / (drainMs / 1_000))],
  ['creates', ({ outcomes }) => counts(outcomes.creates)],
  ['verdicts', ({ outcomes }) => counts(outcomes.verdicts)],
  ['callers completed / not', ({ outcomes }) => `${outcomes.completed} / ${outcomes.notCompleted}`],
  [
    'load average: before → after',
    ({ loadAverage: { before, after } }) => `${fixed(before)} → ${fixed(after)}`,
  ],
];

/** What `scale.md` says. */
export function renderScaleReport(results: ScaleResults): string {
  const { machine, temporalServer, slots } = results;
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(1);
  return [
    '# Open calls\n',
    `Temporal server ${temporalServer?.version ?? '(never started)'} in memory; ${machine.cores} × ${machine.cpu}, ` +
      `${memory} GiB, ${machine.platform}, Node ${machine.node}. Slots of the caller's worker: ${slots}.\n` +
      'What the figures mean: README.md of `bench`.\n',
    renderScaleFigures(results),
  ].join('\n');
}

/** The figures as Markdown. */
export function renderScaleFigures(results: ScaleResults): string {
  const measured = results.sizes.filter(isMeasured);
  const parts = [
    measured.length === 0 ? '' : sizesTable(measured),
    results.ledger.length === 0 ? '' : ledgerTable(results.ledger),
    growthTable(results),
    results.blocking === null ? '' : blockingLine(results.blocking, measured),
    list(
      'Failures',
      measured.flatMap(({ waits, failures, newCalls }) => [
        ...failures.map((each) => `${waits} open calls: ${each}`),
        ...Object.values(newCalls).flatMap((calls) => calls.failures.map((each) => `new calls: ${each}`)),
      ]),
    ),
    list('Missing', results.missing),
    list('Targets', checkScale(results).map(renderCheck)),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function sizesTable(sizes: readonly MeasuredSize[]): string {
  return markdownTable([
    ['calls open at once', ...sizes.map(({ waits }) => waits.toLocaleString('en'))],
    ...rows.map(([title, of]) => [title, ...sizes.map(of)]),
  ]);
}

function ledgerTable(ledger: ScaleResults['ledger']): string {
  return markdownTable([
    ['open calls in the ledger alone', ...ledger.map(({ rows }) => rows.toLocaleString('en'))],
    ...ledgerFigures.map((figure) => [
      `${figure.title}, ${figure.unit}`,
      ...ledger.map((each) => figure.of(each).toFixed(2)),
    ]),
  ]);
}

function growthTable({ growth }: ScaleResults): string {
  const known = [...figures, ...ledgerFigures].flatMap(({ key, unit }) => {
    const found = growth[key];
    if (found === undefined) return [];
    const exponent = found.exponent === null ? 'none' : found.exponent.toFixed(2);
    return [[`${key}`, exponent, `${found.per1000.toPrecision(3)} ${unit}`]];
  });
  if (known.length === 0) return '';
  return markdownTable([['growth', 'exponent', 'per 1,000 open calls'], ...known]);
}

function blockingLine(blocking: BlockingOutcome, sizes: readonly MeasuredSize[]): string {
  if (blocking.state === 'unfinished') return '';
  const { slots, calls, boundMs, opened, answered, failed } = blocking;
  const beside = sizes.find(({ waits }) => waits === calls);
  const seconds = boundMs / 1_000;
  return markdownTable([
    [`with ${slots} slot${slots === 1 ? '' : 's'}, of ${calls} calls`, 'blocking', 'handshake'],
    [
      `open at once within ${seconds} s`,
      String(opened),
      beside ? openedWithin(beside, boundMs) : 'not measured',
    ],
    [
      `answered within ${seconds} s, agents answering at once`,
      failed === 0 ? String(answered) : `${answered} (${failed} failed)`,
      beside ? answeredWithin(beside, boundMs) : 'not measured',
    ],
  ]);
}

function openedWithin({ openMs, waits }: MeasuredSize, boundMs: number): string {
  return openMs <= boundMs
    ? `${waits} (after ${fixed(openMs / 1_000)} s)`
    : `all ${waits} after ${fixed(openMs / 1_000)} s`;
}

function answeredWithin({ drainMs, waits }: MeasuredSize, boundMs: number): string {
  const seconds = fixed(drainMs / 1_000);
  return drainMs <= boundMs ? `${waits} (after ${seconds} s)` : `all ${waits} after ${seconds} s`;
}

function counts(byName: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byName).map(([name, count]) => `${name} ${count}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
}

function fixed(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? 'none' : value.toFixed(digits);
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`;
}
