import { processNames } from './processes/process-names.ts';
import { ratiosOf } from './ratios.ts';
import type { LoadedResults, OnFileResults, PerProcess, Results, SingleResults } from './results.ts';
import { type ShapeName, shapeNames } from './shapes/shape.ts';

const outcomes = { calls: 2, failed: 0, failedInWarmUp: 0, failures: [] };
const times = (ms: number) => ({ p50: ms, p95: ms, p99: ms, min: ms, max: ms });
const perProcess = (value: number): PerProcess => ({
  ...(Object.fromEntries(processNames.map((name) => [name, value])) as Omit<PerProcess, 'total'>),
  total: value * processNames.length,
});

/** Results of a run that meets every target, made up. */
export function exampleResults(): Results {
  const tuned = server('memory');
  const byDefault = server('memory');
  return {
    version: 2,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:03:00.000Z',
    machine: {
      cpu: 'a processor',
      cores: 2,
      memoryBytes: 2 ** 33,
      platform: 'Linux 6',
      node: '24.0.0',
      loadAverage: { before: 0.1, after: 2 },
    },
    options: { calls: 2, warmUp: 1, blocks: 1, blockCalls: 2, concurrency: 50, fileCalls: 2 },
    servers: {
      tuned,
      default: byDefault,
      file: {
        ...server('file'),
        shapes: eachShape((): OnFileResults => ({ ...outcomes, writtenBytesPerCall: perProcess(2_048) })),
      },
    },
    ratio: ratiosOf(tuned),
    ratioOnDefault: ratiosOf(byDefault),
  };
}

/** The handshake is a fifth quicker and takes a tenth less than the others. */
function server(storage: 'memory' | 'file') {
  return {
    temporalServer: {
      version: '1.29.1',
      storage,
      dynamicConfig: ['history.transferProcessorMaxPollRPS=5000'],
    },
    shapes: eachShape((name) => ({
      single: single(name === 'handshake' ? 80 : 100),
      loaded: name === 'handshake' ? loaded(50, 9) : loaded(40, 10),
    })),
  };
}

function single(ms: number): SingleResults {
  const counts = { caller: { p50: 11, max: 11 }, callee: { p50: 17, max: 18 } };
  return {
    ...outcomes,
    wallMs: times(ms),
    overLimitMs: { p50: ms - 40, p95: ms - 40, p99: ms - 40 },
    historyEvents: counts,
    billableActions: { caller: { p50: 2, max: 2 }, callee: null },
    samplesMs: [ms, ms],
  };
}

function loaded(callsPerSecond: number, cpuMs: number): LoadedResults {
  return { ...outcomes, callsPerSecond, wallMs: times(900), cpuMsPerCall: perProcess(cpuMs) };
}

function eachShape<Value>(of: (name: ShapeName) => Value): Record<ShapeName, Value> {
  return Object.fromEntries(shapeNames.map((name) => [name, of(name)])) as Record<ShapeName, Value>;
}
