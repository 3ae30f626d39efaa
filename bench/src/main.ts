import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { buildServices, Interruption, watchInterruptions } from '@token-handshake/local';
import { createLogger, installRuntime } from '@token-handshake/service-kit';
import { readArguments, usage } from './arguments.ts';
import type { BenchOptions } from './bench-options.ts';
import { checkFolder } from './check.ts';
import { failuresIn } from './failures.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { renderPlots } from './plots.ts';
import { renderFigures, renderReport } from './report.ts';
import type { Results } from './results.ts';
import { runScale } from './scale/run-scale.ts';

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
  switch (given.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'wrong':
      process.stderr.write(`${given.problem}\n\n${usage}`);
      return 64;
    case 'check': {
      const { exitCode, lines } = await checkFolder(given.folder);
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      if (exitCode === 0) report('every target that was measured is met');
      return exitCode;
    }
    case 'run':
      return run(given.options);
  }
}

async function run(options: BenchOptions): Promise<number> {
  const signal = watchInterruptions();
  try {
    const results = await bench(options, signal);
    // Ctrl-C while the last of it was ending.
    signal.throwIfAborted();
    await write(results, options.folder);
    process.stdout.write(`\n${renderFigures(results)}\n`);
    report(`written to ${options.folder}`);
    return failuresIn(results).length > 0 ? 1 : 0;
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
  installRuntime({ logger: createLogger({ name: 'bench', level: 'error', destination: 'stderr' }) });
  const startedAt = new Date().toISOString();
  const before = loadNow();
  report(`load average ${before.toFixed(2)}`);
  const measured = await measure(options, signal, report);
  return {
    version: 2,
    startedAt,
    endedAt: new Date().toISOString(),
    machine: { ...describeMachine(), loadAverage: { before, after: loadNow() } },
    ...measured,
  };
}

async function write(results: Results, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    'results.json': `${JSON.stringify(results, undefined, 2)}\n`,
    'results.md': renderReport(results),
    ...renderPlots(results),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function report(line: string): void {
  process.stdout.write(`bench: ${line}\n`);
}
