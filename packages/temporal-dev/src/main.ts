#!/usr/bin/env node
import { resolve } from 'node:path';
import { findTemporalServer } from './find-temporal-server.ts';
import { startTemporalServer } from './start-temporal-server.ts';

// sysexits.h, as far as shells and people know them.
const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;
const EXIT_INTERRUPTED = 130;

const USAGE = `temporal-dev start   starts a Temporal server for this folder and runs until Ctrl-C
temporal-dev find    prints which Temporal server or program would be used

TEMPORAL_ADDRESS     a server that already runs (host:port): nothing is started
TEMPORAL_NAMESPACE   namespace to create and wait for (default)
TEMPORAL_PORT        port of the server (7233)
TEMPORAL_UI_PORT     port of the web UI (8233)
Data and log are kept in .data/temporal.db and .data/temporal.log of the current folder.
`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(signal));
}

try {
  process.exitCode = await run(process.argv[2]);
} catch (error) {
  if (interrupted.signal.aborted) {
    process.exitCode = EXIT_INTERRUPTED;
  } else {
    process.stderr.write(`temporal-dev: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof RangeError ? EXIT_USAGE : EXIT_UNAVAILABLE;
  }
}

async function run(command: string | undefined): Promise<number> {
  switch (command) {
    case 'find':
      return find();
    case 'start':
      return start();
    case '--help':
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(USAGE);
      return EXIT_USAGE;
  }
}

async function find(): Promise<number> {
  const found = await findTemporalServer({ signal: interrupted.signal });
  const what = found.way === 'address' ? found.address : `${found.executable} ${found.serverVersion}`;
  process.stdout.write(`${found.way} ${what}\n`);
  return 0;
}

async function start(): Promise<number> {
  await using server = await startTemporalServer({
    port: portFrom('TEMPORAL_PORT', 7233),
    uiPort: portFrom('TEMPORAL_UI_PORT', 8233),
    databaseFile: resolve('.data/temporal.db'),
    logFile: resolve('.data/temporal.log'),
    namespace: process.env['TEMPORAL_NAMESPACE'] || 'default',
    signal: interrupted.signal,
  });
  const ui = server.uiAddress === undefined ? '' : `, UI ${server.uiAddress}`;
  process.stdout.write(`Temporal ${server.address}, namespace ${server.namespace}${ui}\n`);
  if (!server.owned) return 0;
  const interruption = new Promise<undefined>((resolve) => {
    interrupted.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  // Awaited here: the server ends with this scope, and a promise that is merely returned would outlast it.
  const how = await Promise.race([interruption, server.ended]);
  if (how === undefined) return 0;
  process.stderr.write(`temporal-dev: the Temporal server ended by itself, with ${how}\n`);
  return EXIT_UNAVAILABLE;
}

/** Reads a port from the environment; an empty variable counts as unset. */
function portFrom(name: string, fallback: number): number {
  const text = process.env[name] || String(fallback);
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`expected ${name} to be a port from 0 to 65535, got "${text}"`);
}
