#!/usr/bin/env node
import { CommanderError } from 'commander';
import { explained } from './command-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { program } from './program.ts';

/** How long a command may take to end by itself after Ctrl-C. */
const END_MS = 250;

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort();
  // Who follows something ends by itself; anything else is left where it is.
  setTimeout(() => process.exit(exitCodes.interrupted), END_MS).unref();
});
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read it is gone, as in `stigmer executions list | head`.
  stream.on('error', () => process.exit(exitCodes.failed));
}

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  let endpoint = '';
  try {
    await program({
      env: process.env,
      signal: interrupted.signal,
      output: (json) => ({
        json,
        result: (text) => process.stdout.write(`${text}\n`),
        note: (text) => process.stderr.write(`${text}\n`),
      }),
      onConnection: (connection) => {
        endpoint = connection.endpoint;
      },
      onEnd: (code) => {
        exitCode = code;
      },
    }).parseAsync();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { exitCode: code, message } = explained(error, endpoint);
    process.stderr.write(`stigmer: ${message}\n`);
    return code;
  }
}
