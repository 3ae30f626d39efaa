import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, type as platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { buildServices, Interruption, watchInterruptions } from '@token-handshake/local';
import { type BenchOptions, readArguments, usage } from './arguments.ts';
import { measure } from './measure.ts';
import { renderFigures, renderReport } from './report.ts';
import { figuresOf, type Results } from './results.ts';
import { runScale } from './scale/run-scale.ts';
import { shapeNames } from './shapes/shape.ts';
import { withSystem } from './system.ts';

// What `pnpm bench` runs. Everything that it starts is on free ports and in a temporary folder, and ends with it.

process.exit(await main());

async function main(): Promise<number> {
  const args = process.argv.slice(2).filter((each) => each !== '--');
  const defaultFolder = join(import.meta.dirname, '../results');
  if (args.includes('--scale')) {
    return runScale(
      args.filter((each) => each !== '--scale'),
      defaultFolder,
    );
  }
  const given = readArguments(args, defaultFolder);
  if (given.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (given.kind === 'wrong') {
    process.stderr.write(`${given.problem}\n\n${usage}`);
    return 64;
  }
  const signal = watchInterruptions();
  try {
    const results = await bench(given.options, signal);
    // Ctrl-C while the last of it was ending.
    signal.throwIfAborted();
    await write(results, given.options.folder);
    process.stdout.write(`\n${renderFigures(results)}\n`);
    report(`written to ${given.options.folder}`);
    return shapeNames.some((name) => results.shapes[name].failed > 0) ? 1 : 0;
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Interruption) {
      report(`ended early: ${signal.reason.message}. Nothing is left running.`);
      return signal.reason.exitCode;
    }
    process.stderr.write(`The bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<Results> {
  report('building both services, where they are not built');
  await buildServices({ onPackage: () => undefined, signal });
  report('starting Temporal, both services, the runner and the other callers');
  const { promise, resolve } = Promise.withResolvers<Results>();
  await withSystem(signal, report, async (system) => {
    const startedAt = new Date().toISOString();
    const before = loadNow();
    const { calls, warmUp } = options;
    report(
      `${calls} measured calls of each shape after ${warmUp} for warm-up; load average ${before.toFixed(2)}`,
    );
    const figures = figuresOf(await measure(options, system, report));
    resolve({
      version: 1,
      startedAt,
      endedAt: new Date().toISOString(),
      machine: { ...machine(), loadAverage: { before, after: loadNow() } },
      temporalServer: { version: system.serverVersion, storage: 'memory' },
      options: { calls, warmUp, concurrency: 1 },
      ...figures,
    });
  });
  return promise;
}

async function write(results: Results, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, 'results.md'), renderReport(results));
}

function machine(): Omit<Results['machine'], 'loadAverage'> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()}`,
    node: process.versions.node,
  };
}

function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function report(line: string): void {
  process.stdout.write(`bench: ${line}\n`);
}
