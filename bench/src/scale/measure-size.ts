import { loadavg } from 'node:os';
import { ratio } from '../statistics.ts';
import { countCallers, drainCalls, openCalls, untilCallersEnded } from './held-calls.ts';
import { beatIntervalMs } from './liveness.ts';
import { boundOfShare, countedBetween } from './metric-samples.ts';
import { measureNewCalls } from './new-calls.ts';
import type { ScaleOptions } from './options.ts';
import { measureQuietTime, type QuietMeasurement } from './quiet-time.ts';
import type { MeasuredSize } from './scale-results.ts';
import type { ScaleSystem } from './scale-system.ts';

/** What {@link measureSize} takes. */
export interface SizeOptions extends Pick<ScaleOptions, 'newCalls' | 'warmUp' | 'leastWindowMs'> {
  readonly waits: number;
  readonly livenessMs: number;
  /** Told of each step, in words. */
  readonly onStep: (step: string) => void;
}

/**
 * Measures a system empty, then with so many calls open, then drained.
 *
 * 1. Warm up; let it be; new calls.
 * 2. Open the calls; let it be for as long as it takes to beat each of them once; new calls.
 * 3. Have all agents answer; new calls again, which tell whether the first ones were made too early.
 *
 * @throws Error when it comes to a standstill, or the system's signal's reason
 */
export async function measureSize(system: ScaleSystem, options: SizeOptions): Promise<MeasuredSize> {
  const { waits, livenessMs, leastWindowMs, newCalls, warmUp, onStep } = options;
  const startedAt = new Date().toISOString();
  const loadBefore = loadNow();
  const start = await system.metricsOf('stigmer');
  onStep(`${warmUp} calls to warm up`);
  const warmed = await measureNewCalls(system, warmUp);
  onStep('letting the empty system be');
  const empty = await measureQuietTime(system, leastWindowMs);
  onStep(`${newCalls} new calls in the empty system`);
  const callsEmpty = await measureNewCalls(system, newCalls);
  onStep(`opening ${waits} calls`);
  const openMs = await openCalls(system, waits, livenessMs);
  const windowMs = Math.max(leastWindowMs, beatIntervalMs(livenessMs));
  onStep(`letting the system be for ${Math.round(windowMs / 1_000)} s with ${waits} calls open`);
  const open = await measureQuietTime(system, windowMs);
  onStep(`${newCalls} new calls with ${waits} open`);
  const callsOpen = await measureNewCalls(system, newCalls);
  onStep(`${waits} agents answer`);
  const { drainMs, failures } = await drainCalls(system, livenessMs);
  onStep(`${newCalls} new calls after the others have ended`);
  const callsDrained = await measureNewCalls(system, newCalls);
  const end = await system.metricsOf('stigmer');
  await untilCallersEnded(system, livenessMs);
  const notCompleted = await countCallers(system.client, "ExecutionStatus != 'Completed'");
  return {
    state: 'measured',
    waits,
    startedAt,
    endedAt: new Date().toISOString(),
    loadAverage: { before: loadBefore, after: loadNow() },
    livenessMs,
    openMs,
    drainMs,
    quiet: { empty: empty.time, open: open.time },
    newCalls: { empty: callsEmpty, open: callsOpen, drained: callsDrained },
    beats: beatsOf(open, waits, livenessMs),
    relay: relayOf(empty, open, waits),
    outcomes: {
      creates: countedBetween(start, end, 'stigmer_creates_total', 'admission'),
      verdicts: countedBetween(start, end, 'stigmer_verdicts_total', 'verdict'),
      completed: await countCallers(system.client, "ExecutionStatus = 'Completed'"),
      notCompleted,
    },
    failures: [
      ...new Set([...failures, ...warmed.failures]),
      ...(notCompleted > 0 ? [`${notCompleted} callers did not get their answer`] : []),
    ],
    ratio: { newCallP50: ratio(callsOpen.wallMs?.p50, callsEmpty.wallMs?.p50) },
  };
}

function beatsOf({ time, before, after }: QuietMeasurement, waits: number, livenessMs: number) {
  const lateness = 'stigmer_beat_lateness_seconds';
  const counted = (name: string) => after.sum(name) - before.sum(name);
  const observed = counted(`${lateness}_count`);
  const p99 = boundOfShare(before, after, lateness, 0.99);
  return {
    byAnswer: countedBetween(before, after, 'stigmer_beats_total', 'answer'),
    perSecond: counted('stigmer_beats_total') / (time.ms / 1_000),
    duePerSecond: waits / (beatIntervalMs(livenessMs) / 1_000),
    meanLateMs: observed === 0 ? null : (counted(`${lateness}_sum`) / observed) * 1_000,
    p99LateMs: p99 === null ? null : p99 * 1_000,
    stretch: Math.max(after.sum('stigmer_beat_stretch'), 1),
  };
}

function relayOf(empty: QuietMeasurement, open: QuietMeasurement, waits: number): MeasuredSize['relay'] {
  const cpuOf = ({ time }: QuietMeasurement) => time.cpuMsPerSecond.stigmer;
  const cpuMsPerSecond = Math.max(cpuOf(open) - cpuOf(empty), 0);
  const { before, after } = open;
  const beats = after.sum('stigmer_beats_total') - before.sum('stigmer_beats_total');
  const perSecond = beats / (open.time.ms / 1_000);
  return {
    cpuMsPerSecond,
    cpuMsPerSecondPer1000Waits: cpuMsPerSecond / (waits / 1_000),
    cpuMsPerBeat: perSecond === 0 ? null : cpuMsPerSecond / perSecond,
  };
}

function loadNow(): number {
  return loadavg()[0] ?? 0;
}
