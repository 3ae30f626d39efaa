import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { readArguments, usage } from './arguments.ts';
import { keepCoresBusy } from './busy-cores.ts';

// What `pnpm test:faults` runs: Jest on this package, once or several times, on an idle or a busy machine.

const packageFolder = resolve(import.meta.dirname, '../..');
const jest = resolve(packageFolder, '../../node_modules/jest/bin/jest.js');

process.exit(await main());

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  switch (given.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'wrong':
      process.stderr.write(`${given.problem}\n\n${usage}`);
      return 64;
    case 'run': {
      await using _busy = given.load ? keepCoresBusy() : undefined;
      for (let run = 1; run <= given.repeat; run += 1) {
        const startedAt = performance.now();
        const code = await runJest(given.rest);
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        const how = `${given.load ? 'under load' : 'idle'}, ${seconds} s`;
        process.stderr.write(`run ${run} of ${given.repeat} (${how}): exit code ${code}\n`);
        if (code !== 0) return code;
      }
      return 0;
    }
  }
}

/** One run. Ctrl-C reaches Jest from the terminal; this process stays until it has ended. */
function runJest(rest: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, ...rest],
    { cwd: packageFolder, stdio: 'inherit' },
  );
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const ignore = () => {};
  process.on('SIGTERM', forward).on('SIGINT', ignore);
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', forward).off('SIGINT', ignore);
      done(code ?? 1);
    });
  });
}
