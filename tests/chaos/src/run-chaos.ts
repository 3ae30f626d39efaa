import type { DrivenCall } from './calls/drive-call.ts';
import { runCalls } from './calls/run-calls.ts';
import { check } from './check/check.ts';
import type { Violation } from './check/violation.ts';
import { CalleeWorkflows } from './evidence/callee-workflows.ts';
import { collectEvidence } from './evidence/collect.ts';
import { findLeaks } from './evidence/find-leaks.ts';
import { settle, type Unrest } from './evidence/settle.ts';
import { faultName } from './faults/fault-record.ts';
import { FaultRunner } from './faults/fault-runner.ts';
import { watchTemporal } from './faults/watch-temporal.ts';
import { type Plan, planOf } from './plan/plan.ts';
import type { ChaosResult } from './report/report.ts';
import { writeDetails } from './report/write-details.ts';
import { LIMITS } from './world/settings.ts';
import { startWorld, type World } from './world/world.ts';

/** How a run is made. */
export interface ChaosOptions {
  readonly seed: number;
  readonly calls: number;
  readonly callsPerFault: number;
  /** No call is started after so many minutes. Default: none is left out. */
  readonly minutes?: number;
  /** Most callers that wait at once. */
  readonly window: number;
  /** Where more is told of violations. */
  readonly folder: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Least time between two starts: about what the local Temporal takes on a file, with what each of them leads to. */
const SPACING_MS = 60;
/** What is to come to rest after the last fault has this long: the longest wait of the system is a minute, thrice. */
const REST_MS = 6 * 60_000;
const TELL_EVERY = 50;

/**
 * Runs calls under faults, lets everything come to rest, and checks what became of each call.
 *
 * 1. Draw the plan, start the system.
 * 2. Start calls, no more than so many at once, and do the faults that are due.
 * 3. When the last call was started: stop the faults, heal everything, wait until all is at rest.
 * 4. Bring together what is known of each call, and check it.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { report, signal, folder } = options;
  const began = Date.now();
  const plan = planOf(options);
  report(`seed ${plan.seed}: ${plan.calls.length} calls, ${plan.faults.length} faults`);
  await using world = await startWorld();
  signal.throwIfAborted();
  const giveUp = new AbortController();
  const stopped = AbortSignal.any([signal, giveUp.signal]);
  const faults = new FaultRunner(world, plan.faults, ({ action, from, to, proof, missed }) => {
    report(`${faultName(action)}, ${to - from} ms: ${proof ?? `missed, ${missed}`}`);
  });
  const atRest = new AbortController();
  const watch = watchTemporal(world, () => faults.revive(), AbortSignal.any([stopped, atRest.signal]));
  const { ended } = await drive(world, { plan, faults }, options, stopped);
  const timer = setTimeout(() => giveUp.abort(), REST_MS);
  const workflows = new CalleeWorkflows(world);
  const driven = await ended;
  report('all callers have ended, or are given up');
  await settle(world, workflows, stopped, tellOf(report));
  clearTimeout(timer);
  atRest.abort();
  await watch;
  signal.throwIfAborted();

  const evidence = await collectEvidence(world, driven, workflows);
  const violations: Violation[] = [
    ...check(evidence, LIMITS),
    ...(await findLeaks(world)).map(({ what, where }) => ({
      kind: 'LEAKED' as const,
      what: `${what} is in ${where}`,
    })),
    ...world.crashes.map(({ name, how }) => ({
      kind: 'CRASHED' as const,
      what: `${name} ended with ${how}`,
    })),
  ];
  const { records } = faults;
  if (violations.length > 0)
    await writeDetails(world, folder, { calls: evidence, faults: records, violations });
  return {
    seed: plan.seed,
    planned: plan.calls.length,
    calls: evidence,
    faults: records,
    violations,
    errorLines: errorLines(world),
    tookMs: Date.now() - began,
    ...(violations.length > 0 && { folder }),
  };
}

async function drive(
  world: World,
  { plan, faults }: { readonly plan: Plan; readonly faults: FaultRunner },
  { minutes, window, report }: ChaosOptions,
  giveUp: AbortSignal,
): Promise<{ readonly ended: Promise<readonly DrivenCall[]> }> {
  let ended = 0;
  const { all } = await runCalls(world, plan.calls, {
    window,
    spacingMs: SPACING_MS,
    giveUp,
    enough: minutes === undefined ? new AbortController().signal : AbortSignal.timeout(minutes * 60_000),
    onStarted: (count) => {
      if (count % TELL_EVERY === 0) report(`${count} calls started, ${ended} ended`);
      faults.advance(count);
    },
    onEnded: () => {
      ended += 1;
    },
  });
  report('no more calls and no more faults: everything is healed');
  await faults.heal();
  return { ended: all };
}

function tellOf(report: (line: string) => void): (unrest: Unrest) => void {
  let last = '';
  return ({ rows, workflows }) => {
    const line = `not at rest: ${rows} rows, ${workflows} workflows of the callee`;
    if (line !== last) report(line);
    last = line;
  };
}

/** For people to look at: an error line under faults is not wrong in itself. */
function errorLines({ system }: World): string[] {
  const error = 50;
  return system.log
    .lines()
    .filter(({ fields }) => fields['level'] === 'error' || Number(fields['level']) >= error)
    .map(({ service, msg }) => `${service}: ${msg.slice(0, 100)}`);
}
