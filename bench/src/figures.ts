import type { Block, Blocks } from './blocks.ts';
import type { HistoryFacts } from './histories.ts';
import type { ProcessUse } from './process-cost.ts';
import { processNames } from './processes/process-names.ts';
import type { LoadedResults, OnFileResults, PerProcess, SingleResults } from './results.ts';
import type { SingleCalls } from './rounds.ts';
import { shapes } from './shapes/index.ts';
import type { ShapeName } from './shapes/shape.ts';
import { distribution, percentile } from './statistics.ts';

type MaybeFailed = { readonly kind: string; readonly message?: string };

/** The figures of one shape, one call at a time. */
export function singleResults({ warmUp, measured }: SingleCalls, limit: SingleCalls): SingleResults {
  const answered = answeredOf(measured);
  const samplesMs = answered.map((call) => call.ms);
  const ofHistories = (figure: keyof HistoryFacts) => ({
    caller: countsOf(answered.map(({ histories }) => histories.caller[figure])),
    callee: countsOf(
      answered.map(({ histories }) => histories.callee?.[figure]).filter((value) => value !== undefined),
    ),
  });
  return {
    ...outcomesOf(warmUp, measured),
    wallMs: distribution(samplesMs),
    overLimitMs: overLimit(
      samplesMs,
      answeredOf(limit.measured).map((call) => call.ms),
    ),
    historyEvents: ofHistories('events'),
    billableActions: ofHistories('actions'),
    samplesMs,
  };
}

/** The figures of one shape, many calls at a time. */
export function loadedResults(name: ShapeName, { warmUp, measured }: Blocks): LoadedResults {
  const answered = answeredOf(callsOf(measured));
  const seconds = measured.reduce((sum, { ms }) => sum + ms, 0) / 1_000;
  return {
    ...outcomesOf(callsOf(warmUp), callsOf(measured)),
    callsPerSecond: answered.length === 0 ? null : answered.length / seconds,
    wallMs: distribution(answered.map((call) => call.ms)),
    cpuMsPerCall: perCall(name, measured, 'cpuMs'),
  };
}

/** The figures of one shape on a server with a database file; `counts` says whether written bytes are told. */
export function onFileResults(name: ShapeName, { warmUp, measured }: Blocks, counts: boolean): OnFileResults {
  return {
    ...outcomesOf(callsOf(warmUp), callsOf(measured)),
    writtenBytesPerCall: perCall(name, counts ? measured : [], 'writtenBytes'),
  };
}

function overLimit(samplesMs: readonly number[], limitMs: readonly number[]): SingleResults['overLimitMs'] {
  if (samplesMs.length === 0 || limitMs.length === 0) return null;
  const at = (percent: number) => percentile(samplesMs, percent) - percentile(limitMs, percent);
  return { p50: at(50), p95: at(95), p99: at(99) };
}

/** What the processes of a shape used for each call. Failed calls have cost something, and count. */
function perCall(name: ShapeName, blocks: readonly Block[], figure: keyof ProcessUse): PerProcess {
  const taking: readonly string[] = ['temporal', ...shapes[name].processes];
  const calls = callsOf(blocks).length;
  const figures = processNames.map((process) => {
    const used = blocks.map(({ uses }) => uses[process][figure]);
    const known = taking.includes(process) && calls > 0 ? sumOf(used) : null;
    return [process, known === null ? null : known / calls] as const;
  });
  const ofTaking = figures.filter(([process]) => taking.includes(process)).map(([, value]) => value);
  return { ...(Object.fromEntries(figures) as Omit<PerProcess, 'total'>), total: sumOf(ofTaking) };
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

function callsOf(blocks: readonly Block[]) {
  return blocks.flatMap((block) => block.calls);
}

function answeredOf<Call extends MaybeFailed>(calls: readonly Call[]) {
  return calls.filter((call): call is Extract<Call, { kind: 'answered' }> => call.kind === 'answered');
}

function outcomesOf(warmUp: readonly MaybeFailed[], measured: readonly MaybeFailed[]) {
  const failedInWarmUp = failuresOf(warmUp);
  const failed = failuresOf(measured);
  return {
    calls: measured.length,
    failed: failed.length,
    failedInWarmUp: failedInWarmUp.length,
    failures: [...new Set([...failedInWarmUp, ...failed])],
  };
}

function failuresOf(calls: readonly MaybeFailed[]): string[] {
  return calls.filter((call) => call.kind === 'failed').map((call) => call.message ?? '');
}

function countsOf(counts: readonly number[]): SingleResults['historyEvents']['caller'] {
  return counts.length === 0 ? null : { p50: percentile(counts, 50), max: Math.max(...counts) };
}
