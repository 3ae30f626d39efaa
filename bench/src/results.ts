import { z } from 'zod';
import { processNames } from './processes/process-names.ts';
import type { serverNames } from './server-setups.ts';
import { type AlternativeName, shapeNames } from './shapes/shape.ts';
import { percentiles } from './statistics.ts';

const ms = z.number().nonnegative();
const count = z.int().nonnegative();
/** Of the answered calls; null when none was. */
const wallMs = z.strictObject({ p50: ms, p95: ms, p99: ms, min: ms, max: ms }).nullable();
const perCall = z.strictObject({ p50: count, max: count }).nullable();
/** Null where the platform does not tell, or where the process takes no part. */
const perProcess = z.strictObject({
  ...(Object.fromEntries(processNames.map((name) => [name, z.number().nullable()])) as Record<
    (typeof processNames)[number],
    z.ZodNullable<z.ZodNumber>
  >),
  /** Of the processes that take part. */
  total: z.number().nullable(),
});

const outcomes = {
  calls: count,
  failed: count,
  failedInWarmUp: count,
  /** Distinct messages of what failed, warm-up included. */
  failures: z.array(z.string()),
};

const single = z.strictObject({
  ...outcomes,
  wallMs,
  /** Above the shape `limit`, by percentile; null when one of the two is missing. */
  overLimitMs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  historyEvents: z.strictObject({ caller: perCall, callee: perCall }),
  /** By the rules in `billable-actions.ts`: without heartbeats. */
  billableActions: z.strictObject({ caller: perCall, callee: perCall }),
  /** Every answered call, in the order of the rounds. */
  samplesMs: z.array(ms),
});

const loaded = z.strictObject({
  ...outcomes,
  /** Answered calls in a second, over all measured blocks; null when none was answered. */
  callsPerSecond: z.number().positive().nullable(),
  wallMs,
  cpuMsPerCall: perProcess,
});

const onFile = z.strictObject({ ...outcomes, writtenBytesPerCall: perProcess });

const temporalServer = z.strictObject({
  version: z.string(),
  storage: z.enum(['memory', 'file']),
  dynamicConfig: z.array(z.string()),
});

const measuredServer = z.strictObject({
  temporalServer,
  shapes: z.record(z.enum(shapeNames), z.strictObject({ single, loaded })),
});

/** What is compared between the handshake and another shape. */
export const comparedFigures = [...percentiles, 'throughput', 'cpu'] as const;

/** The shapes that the handshake is compared with. */
export const alternativeNames = shapeNames.filter((name): name is AlternativeName => name !== 'handshake');

const ratioKeys = alternativeNames.flatMap((other) =>
  comparedFigures.map((figure) => `${figure}_vs_${other}` as const),
);

/** The handshake's figure over another shape's: `p50_vs_nexus` and so on; null when one is missing. */
const ratios = z.record(z.enum(ratioKeys), z.number().nullable());

/** What a run writes into `results.json`; `results.schema.json` is made of it. */
export const resultsSchema = z.strictObject({
  version: z.literal(2),
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
  options: z.strictObject({
    calls: count,
    warmUp: count,
    blocks: count,
    blockCalls: count,
    concurrency: count,
    fileCalls: count,
  }),
  servers: z.strictObject({
    tuned: measuredServer,
    default: measuredServer,
    file: z.strictObject({ temporalServer, shapes: z.record(z.enum(shapeNames), onFile) }),
  } satisfies Record<(typeof serverNames)[number], z.ZodType>),
  /** On the tuned server. */
  ratio: ratios,
  /** The same on the default one. */
  ratioOnDefault: ratios,
});

/** The results of a run. */
export type Results = z.infer<typeof resultsSchema>;
/** Of a server on which times are measured. */
export type MeasuredServer = z.infer<typeof measuredServer>;
/** Of the server with a database file. */
export type FileServer = Results['servers']['file'];
/** Of one shape, one call at a time. */
export type SingleResults = z.infer<typeof single>;
/** Of one shape, in blocks. */
export type LoadedResults = z.infer<typeof loaded>;
/** Of one shape, on a file. */
export type OnFileResults = z.infer<typeof onFile>;
/** A figure of each process. */
export type PerProcess = z.infer<typeof perProcess>;
/** The handshake beside the others. */
export type Ratios = z.infer<typeof ratios>;
