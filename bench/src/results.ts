import { z } from 'zod';
import type { Call } from './call.ts';
import type { ShapeCalls } from './measure.ts';
import type { ShapeName } from './shapes/shape.ts';
import { distribution, percentile, percentiles, ratio } from './statistics.ts';

const ms = z.number().nonnegative();
const count = z.int().nonnegative();
const events = z.strictObject({ p50: count, max: count }).nullable();

const shapeResults = z.strictObject({
  calls: count,
  failed: count,
  failedInWarmUp: count,
  /** Distinct messages of what failed, warm-up included. */
  failures: z.array(z.string()),
  /** Of the answered calls; null when none was. */
  wallMs: z.strictObject({ p50: ms, p95: ms, p99: ms, min: ms, max: ms }).nullable(),
  historyEvents: z.strictObject({ caller: events, callee: events }),
  /** Every answered call, in the order of the rounds. */
  samplesMs: z.array(ms),
});

/** What a run writes into `results.json`; `results.schema.json` is made of it. */
export const resultsSchema = z.strictObject({
  version: z.literal(1),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: count,
    memoryBytes: count,
    platform: z.string(),
    node: z.string(),
    /** One minute's, as the system tells it. */
    loadAverage: z.strictObject({ before: z.number(), after: z.number() }),
  }),
  temporalServer: z.strictObject({ version: z.string(), storage: z.literal('memory') }),
  options: z.strictObject({ calls: count, warmUp: count, concurrency: z.literal(1) }),
  shapes: z.strictObject({ limit: shapeResults, handshake: shapeResults, blocking: shapeResults }),
  /** The handshake's wall time over another shape's: `p50_vs_limit` and so on; null when one is missing. */
  ratio: z.record(
    z.templateLiteral([z.enum(percentiles), '_vs_', z.enum(['limit', 'blocking'])]),
    z.number().nullable(),
  ),
});

/** The results of a run. */
export type Results = z.infer<typeof resultsSchema>;
type ShapeResults = z.infer<typeof shapeResults>;

/** The figures of all shapes, and the ratios between them. */
export function figuresOf(calls: Readonly<Record<ShapeName, ShapeCalls>>): Pick<Results, 'shapes' | 'ratio'> {
  const shapes = {
    limit: shapeResultsOf(calls.limit),
    handshake: shapeResultsOf(calls.handshake),
    blocking: shapeResultsOf(calls.blocking),
  };
  const over = (other: Exclude<ShapeName, 'handshake'>, p: (typeof percentiles)[number]) =>
    ratio(shapes.handshake.wallMs?.[p], shapes[other].wallMs?.[p]);
  return {
    shapes,
    ratio: {
      p50_vs_limit: over('limit', 'p50'),
      p95_vs_limit: over('limit', 'p95'),
      p99_vs_limit: over('limit', 'p99'),
      p50_vs_blocking: over('blocking', 'p50'),
      p95_vs_blocking: over('blocking', 'p95'),
      p99_vs_blocking: over('blocking', 'p99'),
    },
  };
}

function shapeResultsOf({ warmUp, measured }: ShapeCalls): ShapeResults {
  const answered = measured.filter((call) => call.kind === 'answered');
  const samplesMs = answered.map((call) => call.ms);
  return {
    calls: measured.length,
    failed: measured.length - answered.length,
    failedInWarmUp: failuresOf(warmUp).length,
    failures: [...new Set(failuresOf([...warmUp, ...measured]))],
    wallMs: distribution(samplesMs),
    historyEvents: {
      caller: eventsOf(answered.map((call) => call.callerEvents)),
      callee: eventsOf(answered.map((call) => call.calleeEvents).filter((events) => events !== null)),
    },
    samplesMs,
  };
}

function failuresOf(calls: readonly Call[]): string[] {
  return calls.filter((call) => call.kind === 'failed').map((call) => call.message);
}

function eventsOf(counts: readonly number[]): ShapeResults['historyEvents']['caller'] {
  return counts.length === 0 ? null : { p50: percentile(counts, 50), max: Math.max(...counts) };
}
