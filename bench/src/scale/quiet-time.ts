import { percentile } from '../statistics.ts';
import type { MetricSamples } from './metric-samples.ts';
import { type ProcessUsage, usageOf } from './process-usage.ts';
import { type ProcessName, processNames, type QuietTime } from './scale-results.ts';
import type { ScaleSystem } from './scale-system.ts';
import { pauseFor } from './time-bound.ts';

const LOOK_EVERY_MS = 1_000;

/** A quiet time, with what Stigmer counted before and after it. */
export interface QuietMeasurement {
  readonly time: QuietTime;
  readonly before: MetricSamples;
  readonly after: MetricSamples;
}

/**
 * Lets the system be for a while, and tells what its processes use. Their metrics are read before and after, and not
 * in between: they cost the ledger a look at every open call.
 *
 * @throws the system's signal's reason
 */
export async function measureQuietTime(system: ScaleSystem, ms: number): Promise<QuietMeasurement> {
  const { signal, pids } = system;
  const [before, zigflowBefore] = await Promise.all([
    system.metricsOf('stigmer'),
    system.metricsOf('zigflow'),
  ]);
  const looks = [await usages(pids)];
  const startedAt = performance.now();
  for (let left = ms; left > 0; left = ms - (performance.now() - startedAt)) {
    await pauseFor(Math.min(LOOK_EVERY_MS, left), signal);
    looks.push(await usages(pids));
  }
  const took = performance.now() - startedAt;
  const [after, zigflowAfter] = await Promise.all([system.metricsOf('stigmer'), system.metricsOf('zigflow')]);
  const [first, last] = [looks[0], looks.at(-1)];
  const heap = (...samples: readonly MetricSamples[]) =>
    Math.min(...samples.map((each) => each.sum('nodejs_heap_size_used_bytes')));
  return {
    time: {
      ms: took,
      residentBytes: each((name) =>
        percentile(
          looks.map((look) => look[name].residentBytes),
          50,
        ),
      ),
      cpuMsPerSecond: each((name) => {
        const used = (last?.[name].cpuMs ?? 0) - (first?.[name].cpuMs ?? 0);
        return Math.max(used, 0) / (took / 1_000);
      }),
      heapUsedBytes: { stigmer: heap(before, after), zigflow: heap(zigflowBefore, zigflowAfter) },
    },
    before,
    after,
  };
}

async function usages(pids: ScaleSystem['pids']): Promise<Record<ProcessName, ProcessUsage>> {
  const [stigmer, zigflow, temporal, bench] = await Promise.all([
    usageOf(pids.stigmer),
    usageOf(pids.zigflow),
    usageOf(pids.temporal),
    usageOf(pids.bench),
  ]);
  return { stigmer, zigflow, temporal, bench };
}

function each(of: (name: ProcessName) => number): Record<ProcessName, number> {
  const [stigmer, zigflow, temporal, bench] = processNames.map(of) as [number, number, number, number];
  return { stigmer, zigflow, temporal, bench };
}
