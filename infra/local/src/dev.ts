import { resolve } from 'node:path';
import { runDev } from './dev-stack.ts';
import { watchInterruptions } from './interruption.ts';
import { paintFor } from './paint.ts';
import { renderLogLine } from './render-log-line.ts';
import { repositoryRoot } from './service-name.ts';

// What `pnpm dev` runs: everything on fixed ports, with reload, and one log. Ctrl-C ends all of it.

const paint = paintFor(process.stdout);
const signal = watchInterruptions();

process.exit(await main());

async function main(): Promise<number> {
  try {
    const how = await runDev({
      dataDir: resolve(repositoryRoot, '.data'),
      env: process.env,
      print: (source, line) => process.stdout.write(`${renderLogLine(source, line, paint)}\n`),
      signal,
    });
    if (how === undefined) return 0;
    process.stderr.write(`dev: the Temporal server ended by itself with ${how}: see .data/temporal.log\n`);
    return 1;
  } catch (error) {
    if (signal.aborted) return 0;
    process.stderr.write(`dev: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
