import { z } from 'zod';

/** What is measured of: both services, the Temporal server, and the bench with the runner in it. */
export const processNames = ['stigmer', 'zigflow', 'temporal', 'bench'] as const;

/** One of {@link processNames}. */
export type ProcessName = (typeof processNames)[number];

const ms = z.number().nonnegative();
const count = z.int().nonnegative();
const ratio = z.number().nonnegative().nullable();
const counts = z.record(z.string(), z.number());

const newCalls = z.strictObject({
  calls: count,
  failed: count,
  failures: z.array(z.string()),
  /** Of the answered calls; null when none was. */
  wallMs: z.strictObject({ p50: ms, p95: ms, p99: ms, min: ms, max: ms }).nullable(),
  samplesMs: z.array(ms),
});

/** A time in which nothing new happened. */
const quietTime = z.strictObject({
  ms,
  /** By process: the median of what was resident. */
  residentBytes: z.record(z.enum(processNames), count),
  /** By process: milliseconds of CPU in each second. */
  cpuMsPerSecond: z.record(z.enum(processNames), ms),
  /** By service: the least heap in use that was seen at its beginning and end. */
  heapUsedBytes: z.record(z.enum(['stigmer', 'zigflow']), count),
});

/** Everything about one number of open calls. */
const measuredSize = z.strictObject({
  state: z.literal('measured'),
  waits: z.int().positive(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** One minute's, as the system tells it. */
  loadAverage: z.strictObject({ before: z.number(), after: z.number() }),
  livenessMs: z.int().positive(),
  /** From the first start until the last agent had begun. */
  openMs: ms,
  /** From the first answer until Temporal showed no caller that is open. */
  drainMs: ms,
  quiet: z.strictObject({ empty: quietTime, open: quietTime }),
  newCalls: z.strictObject({ empty: newCalls, open: newCalls, drained: newCalls }),
  /** Of the quiet time with all calls open. */
  beats: z.strictObject({
    byAnswer: counts,
    perSecond: z.number().nonnegative(),
    /** Three in each liveness deadline of each call. */
    duePerSecond: z.number().nonnegative(),
    meanLateMs: ms.nullable(),
    /** 99 of 100 were no later: the upper bound of a bucket. */
    p99LateMs: ms.nullable(),
    /** By how much intervals were stretched at its end. */
    stretch: z.number(),
  }),
  /** What Stigmer's process used more of with all calls open than empty; 0 where the difference is lost in the noise. */
  relay: z.strictObject({
    cpuMsPerSecond: ms,
    cpuMsPerSecondPer1000Waits: ms,
    cpuMsPerBeat: ms.nullable(),
  }),
  /** From the start of the system to its end, new calls included. */
  outcomes: z.strictObject({
    /** By admission; `rebound` means that a liveness deadline passed. */
    creates: counts,
    verdicts: counts,
    /** Workflows of callers by how they ended. */
    completed: count,
    notCompleted: count,
  }),
  failures: z.array(z.string()),
  /** With all calls open over empty. */
  ratio: z.strictObject({ newCallP50: ratio }),
});

const unfinished = z.strictObject({
  state: z.literal('unfinished'),
  startedAt: z.iso.datetime(),
  /** What was under way. */
  step: z.string(),
  reason: z.string(),
  /** Calls that were open, or had been. */
  opened: count,
});

const unfinishedSize = z.strictObject({ ...unfinished.shape, waits: z.int().positive() });

/** The blocking alternative, with as many slots. */
const blocking = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('measured'),
    startedAt: z.iso.datetime(),
    slots: count,
    calls: count,
    /** How long it was given to open calls, and then, with all agents answering at once, to end them. */
    boundMs: ms,
    /** Agents that had begun when that time was over, counted from the first of them. */
    opened: count,
    /** Calls that were answered within as much time again. */
    answered: count,
    /** Null when not all were answered. */
    drainMs: ms.nullable(),
    failed: count,
  }),
  unfinished,
]);

/** What the loops of a server ask of a ledger with so many open calls, in a file, with nothing else running. */
const ledgerFigures = z.strictObject({
  rows: z.int().positive(),
  fileBytes: count,
  /** How many beats a second are needed: asked about once a second. */
  loadMs: ms,
  /** Which calls are due, of those that became so within one look of the relay. */
  dueMs: ms,
  /** The same when all of them are, as after an outage. */
  allDueMs: ms,
  writeMsPerBeat: ms,
  /** How many calls are open: asked by each run of the sweep. */
  sweepCountMs: ms,
  /** How many wait for what: asked whenever somebody reads the metrics. */
  metricsCountMs: ms,
});

/** What a run writes into `scale.json`; `scale.schema.json` is made of it. */
export const scaleResultsSchema = z.strictObject({
  version: z.literal(1),
  machine: z.strictObject({
    cpu: z.string(),
    cores: count,
    memoryBytes: count,
    platform: z.string(),
    node: z.string(),
  }),
  temporalServer: z.strictObject({ version: z.string(), storage: z.literal('memory') }).nullable(),
  /** Slots of the caller's worker. */
  slots: count,
  /** Ascending. */
  sizes: z.array(z.discriminatedUnion('state', [measuredSize, unfinishedSize])),
  blocking: blocking.nullable(),
  /** Ascending. */
  ledger: z.array(ledgerFigures),
  /** By figure: how it grows over the sizes that were measured. */
  growth: z.record(
    z.string(),
    z.strictObject({ exponent: z.number().nullable(), per1000: z.number(), unit: z.string() }),
  ),
  /** What was asked for and is not there, in words. */
  missing: z.array(z.string()),
});

/** The results of a run, or of several that went on with each other's. */
export type ScaleResults = z.infer<typeof scaleResultsSchema>;
/** What is there of one number of open calls. */
export type SizeOutcome = ScaleResults['sizes'][number];
/** Everything about one number of open calls. */
export type MeasuredSize = z.infer<typeof measuredSize>;
/** A time in which nothing new happened. */
export type QuietTime = z.infer<typeof quietTime>;
/** New calls, one at a time. */
export type NewCalls = z.infer<typeof newCalls>;
/** What a ledger of one size was measured to take. */
export type LedgerFigures = z.infer<typeof ledgerFigures>;
/** What is there of the blocking alternative. */
export type BlockingOutcome = z.infer<typeof blocking>;
