#!/usr/bin/env node
import { resolve } from 'node:path';
import { findTemporalServer } from './find-temporal-server.ts';
import { startTemporalServer } from './start-temporal-server.ts';

// sysexits.h, as far as shells and people know them.
const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;

const USAGE = `temporal-dev start   starts a Temporal server for this folder and runs until Ctrl-C
temporal-dev find    prints which Temporal server or program would be used

TEMPORAL_ADDRESS     a server that already runs (host:port): nothing is started
TEMPORAL_NAMESPACE   namespace to create and wait for (default)
TEMPORAL_PORT        port of the server (7233)
TEMPORAL_UI_PORT     port of the web UI (8233)
Its data is kept in .data/temporal.db of the current folder.
`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(signal));
}

try {
  process.exitCode = await run(process.argv[2]);
} catch (error) {
  if (!interrupted.signal.aborted) {
    process.stderr.write(`temporal-dev: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_UNAVAILABLE;
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
    namespace: process.env['TEMPORAL_NAMESPACE'] || 'default',
    signal: interrupted.signal,
  });
  const ui = server.uiAddress === undefined ? '' : `, UI ${server.uiAddress}`;
  process.stdout.write(`Temporal ${server.address}, namespace ${server.namespace}${ui}\n`);
  if (!server.owned) return 0;
  return Promise.race([
    new Promise<number>((done) => {
      interrupted.signal.addEventListener('abort', () => done(0), { once: true });
    }),
    server.ended.then((how) => {
      process.stderr.write(`temporal-dev: the Temporal server ended by itself: ${how}\n`);
      return 1;
    }),
  ]);
}

/** Reads a port from the environment; an empty variable counts as unset. */
function portFrom(name: string, fallback: number): number {
  const text = process.env[name] || String(fallback);
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`expected ${name} to be a port from 0 to 65535, got "${text}"`);
}
