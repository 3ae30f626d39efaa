import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BoundProcess, startBoundProcess } from './bound-process.ts';
import { type ClaimedPorts, claimPorts } from './claim-ports.ts';
import { TemporalServerStartError } from './errors.ts';
import { type ServerArguments, serverArguments } from './server-arguments.ts';
import { addressOf, waitUntilServing } from './wait-until-serving.ts';

const PORT_TRIES = 5;
/** An orderly end takes the server 2 s. */
const STOP_GRACE_MS = 8_000;

export interface ServerProcessOptions extends ServerArguments {
  executable: string;
  env: NodeJS.ProcessEnv;
  logFile: string | undefined;
  signal: AbortSignal | undefined;
  servingTimeoutMs: number;
  /** Whether the server keeps this process alive. */
  keepsAlive: boolean;
}

/** A serving server and the ports that stay claimed for it until they are released. */
export interface ServerProcess {
  readonly process: BoundProcess;
  readonly ports: ClaimedPorts;
}

/** Claims ports, starts a server on them and waits until it serves. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  for (let i = 1; ; i += 1) {
    options.signal?.throwIfAborted();
    const ports = await claimPorts(options.ip, options.port, options.uiPort);
    try {
      return { process: await startOnPorts(options, ports), ports };
    } catch (error) {
      ports.release();
      // Another program took a port of this server, its internal ones included, before it could.
      const isLostPort = error instanceof TemporalServerStartError && error.code === 'PORT_LOST';
      if (!isLostPort || i === PORT_TRIES) throw error;
    }
  }
}

/** Starts a server on ports that are claimed already and waits until it serves. */
export async function startOnPorts(
  options: ServerProcessOptions,
  { port, uiPort }: ClaimedPorts,
): Promise<BoundProcess> {
  const { env, logFile, databaseFile, keepsAlive } = options;
  if (databaseFile !== undefined) await mkdir(dirname(databaseFile), { recursive: true });
  const server = await startBoundProcess(
    options.executable,
    serverArguments({ ...options, port, uiPort }),
    logFile === undefined ? { env, keepsAlive } : { env, keepsAlive, logFile },
  );
  try {
    await untilServing(server, port, options);
    return server;
  } catch (error) {
    await server.stop('SIGKILL', 0);
    throw error;
  }
}

/** In memory there is nothing to save, so the server need not be asked; on a file it may finish its writes. */
export async function stopServerProcess(
  server: BoundProcess,
  databaseFile: string | undefined,
): Promise<void> {
  await server.stop(databaseFile === undefined ? 'SIGKILL' : 'SIGTERM', STOP_GRACE_MS);
}

async function untilServing(
  server: BoundProcess,
  port: number,
  { ip, namespace, signal, servingTimeoutMs }: ServerProcessOptions,
): Promise<void> {
  const address = addressOf(ip, port);
  const isOver = () => !server.isAlive();
  const serving = await waitUntilServing({ address, namespace, signal, isOver, timeoutMs: servingTimeoutMs });
  if (!server.isAlive()) {
    const how = await server.ended;
    throw new TemporalServerStartError(
      /address already in use/i.test(server.tail()) ? 'PORT_LOST' : 'ENDED',
      `expected the Temporal server to serve at ${address}, but it ended with ${how}: ${server.tail()}`,
    );
  }
  if (serving.serving) return;
  throw new TemporalServerStartError(
    'NOT_SERVING',
    `expected the Temporal server to serve namespace "${namespace}" at ${address} within ` +
      `${servingTimeoutMs / 1000} s, but ${serving.reason}: ${server.tail()}`,
  );
}
