import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { buildServices, Interruption, repositoryRoot, watchInterruptions } from '@token-handshake/local';
import { readArguments, usage } from './arguments.ts';
import { renderResult } from './report/report.ts';
import { runChaos } from './run-chaos.ts';

// What `pnpm chaos` runs. Everything that it starts is on free ports and in a temporary folder, and ends with it.

process.exit(await main());

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), randomInt);
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
    await buildServices({ onPackage: () => undefined, signal });
    const folder = join(repositoryRoot, '.data/chaos', `seed-${given.options.seed}`);
    const result = await runChaos({ ...given.options, folder, report, signal });
    process.stdout.write(`\n${renderResult(result)}\n`);
    return result.violations.length > 0 ? 1 : 0;
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Interruption) {
      report(`ended early: ${signal.reason.message}. Nothing is left running.`);
      return signal.reason.exitCode;
    }
    process.stderr.write(`The chaos run failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

function report(line: string): void {
  process.stdout.write(`chaos ${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
