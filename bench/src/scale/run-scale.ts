import { buildServices, Interruption, watchInterruptions } from '@token-handshake/local';
import { createLogger, installRuntime } from '@token-handshake/service-kit';
import { describeMachine } from '../machine.ts';
import { measureBlocking } from './blocking/measure-blocking.ts';
import { measureLedger } from './ledger/measure-ledger.ts';
import { livenessMsOf } from './liveness.ts';
import { measureSize } from './measure-size.ts';
import {
  cannotResume,
  noResults,
  type ScaleStep,
  stepsOf,
  withBlocking,
  withLedger,
  withMissing,
  withSize,
} from './merge-results.ts';
import { readScaleArguments, type ScaleOptions, scaleUsage } from './options.ts';
import { renderScaleFigures } from './report.ts';
import { readScaleResults, writeScaleResults } from './results-file.ts';
import type { ScaleResults } from './scale-results.ts';
import { type ScaleSystem, withScaleSystem } from './scale-system.ts';
import { checkScale, renderCheck, stateOfCheck } from './targets.ts';
import { timeBound } from './time-bound.ts';

/** All calls go through this many slots of the caller's worker. */
const SLOTS = 1;

/** Of the blocking alternative, which holds a slot for each. */
const BLOCKING_CALLS = 100;

/**
 * What `pnpm bench --scale` runs, with what stands behind that. Gives the exit code: 0 when everything was measured, 1
 * when something is missing or failed.
 */
export async function runScale(args: readonly string[], defaultFolder: string): Promise<number> {
  const given = readScaleArguments(args, defaultFolder);
  switch (given.kind) {
    case 'help':
      process.stdout.write(scaleUsage);
      return 0;
    case 'wrong':
      process.stderr.write(`${given.problem}\n\n${scaleUsage}`);
      return 64;
    case 'check':
      return check(given.options);
    case 'run':
      return run(given.options);
  }
}

async function check({ folder }: ScaleOptions): Promise<number> {
  const results = await readScaleResults(folder);
  const checks = checkScale(results ?? nothingYet());
  for (const each of checks) process.stdout.write(`${renderCheck(each)}\n`);
  const states = checks.map(stateOfCheck);
  if (states.includes('unknown')) return 2;
  return states.includes('missed') ? 1 : 0;
}

async function run(options: ScaleOptions): Promise<number> {
  const interrupted = watchInterruptions();
  using bound = timeBound(options.limitMs);
  const signal = AbortSignal.any([interrupted, bound.signal]);
  try {
    const known = await resumed(options);
    if (typeof known === 'string') {
      process.stderr.write(`${known}\n`);
      return 64;
    }
    report('building both services, where they are not built');
    await buildServices({ onPackage: () => undefined, signal });
    installRuntime({ logger: createLogger({ name: 'bench', level: 'error', destination: 'stderr' }) });
    const results = await measureAll(known, options, signal);
    interrupted.throwIfAborted();
    process.stdout.write(`\n${renderScaleFigures(results)}\n`);
    report(`written to ${options.folder}`);
    return results.missing.length > 0 || hasFailures(results) ? 1 : 0;
  } catch (error) {
    if (interrupted.aborted && interrupted.reason instanceof Interruption) {
      report(`ended early: ${interrupted.reason.message}. Nothing is left running.`);
      return interrupted.reason.exitCode;
    }
    process.stderr.write(`The bench failed: ${messageOf(error)}\n`);
    return 1;
  }
}

/** The results to begin with, or why there are none. */
async function resumed({ resume, folder }: ScaleOptions): Promise<ScaleResults | string> {
  if (!resume) return nothingYet();
  const known = await readScaleResults(folder);
  if (known === undefined) return nothingYet();
  const problem = cannotResume(known, nothingYet());
  return problem === undefined
    ? known
    : `The results in "${folder}" cannot be gone on with: ${problem}. Leave out --resume.`;
}

/** One step after the other, each written as soon as it is there. A step that fails does not keep the others back. */
async function measureAll(
  known: ScaleResults,
  options: ScaleOptions,
  signal: AbortSignal,
): Promise<ScaleResults> {
  let results = known;
  for (const step of stepsOf(options, known)) {
    if (signal.aborted) break;
    const next =
      step.kind === 'ledger'
        ? await measureLedgerStep(results, step.rows)
        : await measureStep(results, step, options, signal);
    results = withMissing(next, options);
    if (signal.reason instanceof Interruption) break;
    await writeScaleResults(options.folder, results);
  }
  return withMissing(results, options);
}

/** Within the process, and done before a time could be over: it is not interrupted. */
async function measureLedgerStep(results: ScaleResults, rows: number): Promise<ScaleResults> {
  report(`measuring the ledger alone with ${rows} open calls`);
  return withLedger(results, await measureLedger(rows));
}

async function measureStep(
  results: ScaleResults,
  step: Exclude<ScaleStep, { readonly kind: 'ledger' }>,
  options: ScaleOptions,
  signal: AbortSignal,
): Promise<ScaleResults> {
  const startedAt = new Date().toISOString();
  const waits = step.kind === 'size' ? step.waits : BLOCKING_CALLS;
  const livenessMs = livenessMsOf(waits);
  let at = 'starting';
  const onStep = (name: string) => {
    at = name;
    report(name);
  };
  let held = () => 0;
  onStep('starting Temporal, both services and the runner');
  try {
    return await withScaleSystem({ slots: SLOTS, livenessMs, signal, report }, async (system) => {
      held = () => system.runner.held;
      const known = { ...results, temporalServer: await serverOf(system) };
      if (step.kind === 'size') {
        return withSize(known, await measureSize(system, { ...options, waits, livenessMs, onStep }));
      }
      const { blockingMs: boundMs } = options;
      return withBlocking(
        known,
        await measureBlocking(system, { calls: waits, slots: SLOTS, boundMs, onStep }),
      );
    });
  } catch (error) {
    const reason = messageOf(signal.aborted ? signal.reason : error);
    report(`ended while ${at}: ${reason}`);
    const unfinished = { state: 'unfinished', startedAt, step: at, reason, opened: held() } as const;
    return step.kind === 'size'
      ? withSize(results, { ...unfinished, waits })
      : withBlocking(results, unfinished);
  }
}

async function serverOf({ client }: ScaleSystem): Promise<ScaleResults['temporalServer']> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return { version: serverVersion, storage: 'memory' };
}

function nothingYet(): ScaleResults {
  return noResults(describeMachine(), SLOTS);
}

function hasFailures({ sizes, blocking }: ScaleResults): boolean {
  const failed = (size: ScaleResults['sizes'][number]) =>
    size.state === 'measured' &&
    size.failures.length + Object.values(size.newCalls).reduce((sum, calls) => sum + calls.failed, 0) > 0;
  return sizes.some(failed) || (blocking?.state === 'measured' && blocking.failed > 0);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function report(line: string): void {
  process.stdout.write(`bench: ${line}\n`);
}
