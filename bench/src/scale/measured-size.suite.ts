import type { MeasuredSize, NewCalls, QuietTime } from './scale-results.ts';

const MIB = 2 ** 20;

/** What {@link measuredSize} may be told apart from the number of calls. */
export interface MeasuredSizeOptions {
  /** Resident memory of the services with all calls open, in MiB. Default: 100. */
  readonly memoryMiB?: { readonly stigmer?: number; readonly zigflow?: number };
  /** Of a new call with all calls open; in the empty system it is 50. Default: 50. */
  readonly newCallMs?: number;
  readonly failures?: readonly string[];
}

/** A size as it would be measured: it opens 40 calls a second, and drains 80. */
export function measuredSize(waits: number, options: MeasuredSizeOptions = {}): MeasuredSize {
  const { memoryMiB = {}, newCallMs = 50, failures = [] } = options;
  const { stigmer = 100, zigflow = 100 } = memoryMiB;
  const at = '2026-01-01T00:00:00.000Z';
  return {
    state: 'measured',
    waits,
    startedAt: at,
    endedAt: at,
    loadAverage: { before: 0, after: 1 },
    livenessMs: 60_000,
    openMs: waits * 25,
    drainMs: waits * 12.5,
    quiet: { empty: quietTime(100, 100), open: quietTime(stigmer, zigflow) },
    newCalls: { empty: newCalls(50), open: newCalls(newCallMs), drained: newCalls(50) },
    beats: {
      byAnswer: { ok: 50 },
      perSecond: 5,
      duePerSecond: 5,
      meanLateMs: 100,
      p99LateMs: 1_000,
      stretch: 1,
    },
    relay: { cpuMsPerSecond: waits / 100, cpuMsPerSecondPer1000Waits: 10, cpuMsPerBeat: 2 },
    outcomes: {
      creates: { created: waits },
      verdicts: { delivered: waits },
      completed: waits,
      notCompleted: 0,
    },
    failures: [...failures],
    ratio: { newCallP50: newCallMs / 50 },
  };
}

function quietTime(stigmer: number, zigflow: number): QuietTime {
  return {
    ms: 10_000,
    residentBytes: { stigmer: stigmer * MIB, zigflow: zigflow * MIB, temporal: 200 * MIB, bench: 150 * MIB },
    cpuMsPerSecond: { stigmer: 10, zigflow: 5, temporal: 20, bench: 1 },
    heapUsedBytes: { stigmer: 50 * MIB, zigflow: 50 * MIB },
  };
}

function newCalls(ms: number): NewCalls {
  const wallMs = { p50: ms, p95: ms, p99: ms, min: ms, max: ms };
  return { calls: 1, failed: 0, failures: [], wallMs, samplesMs: [ms] };
}
