import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BoundProcess, startBoundProcess } from './bound-process.ts';
import { TemporalServerStartError } from './errors.ts';
import { canListen, pickFreePort } from './free-port.ts';
import { type ServerArguments, serverArguments } from './server-arguments.ts';
import { addressOf, waitUntilServing } from './wait-until-serving.ts';

/** A server that cannot have its port ends well within this time. */
const BIND_FAILURE_MS = 1_000;
const PORT_TRIES = 5;
/** An orderly end takes the server 2 s. */
const STOP_GRACE_MS = 8_000;

export interface ServerProcessOptions extends ServerArguments {
  executable: string;
  env: NodeJS.ProcessEnv;
  logFile: string | undefined;
  signal: AbortSignal | undefined;
  servingTimeoutMs: number;
}

/** A serving server; both ports are real ones. */
export interface ServerProcess {
  readonly process: BoundProcess;
  readonly port: number;
  readonly uiPort: number | false;
}

/** Starts a server and waits until it serves; port 0 stands for any free one, with another try if it is lost. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  if (options.databaseFile !== undefined) await mkdir(dirname(options.databaseFile), { recursive: true });
  for (let i = 1; ; i += 1) {
    options.signal?.throwIfAborted();
    const port = options.port === 0 ? await pickFreePort(options.ip) : options.port;
    const uiPort = options.uiPort === 0 ? await pickFreePort(options.ip, [port]) : options.uiPort;
    await requireFree(options.ip, [options.port, options.uiPort]);
    const process = await startBoundProcess(
      options.executable,
      serverArguments({ ...options, port, uiPort }),
      options.logFile === undefined ? { env: options.env } : { env: options.env, logFile: options.logFile },
    );
    try {
      await untilServing(process, port, options);
      return { process, port, uiPort };
    } catch (error) {
      await process.stop('SIGKILL', 0);
      // Somebody else took one of the ports in the moment between looking and listening.
      if (/address already in use/i.test(process.tail()) && i < PORT_TRIES) continue;
      throw error;
    }
  }
}

/** In memory there is nothing to save, so the server need not be asked; on a file it may finish its writes. */
export async function stopServerProcess(
  server: BoundProcess,
  databaseFile: string | undefined,
): Promise<void> {
  await server.stop(databaseFile === undefined ? 'SIGKILL' : 'SIGTERM', STOP_GRACE_MS);
}

async function requireFree(ip: string, ports: readonly (number | false)[]): Promise<void> {
  for (const port of ports) {
    if (port === false || port === 0 || (await canListen(ip, port))) continue;
    throw new TemporalServerStartError(
      'PORT_IN_USE',
      `expected port ${port} on ${ip} to be free for the Temporal server, but somebody listens there: ` +
        'end that program or choose another port',
    );
  }
}

async function untilServing(
  server: BoundProcess,
  port: number,
  { ip, namespace, signal, servingTimeoutMs }: ServerProcessOptions,
): Promise<void> {
  const address = addressOf(ip, port);
  const isOver = () => !server.isAlive();
  const serving = await waitUntilServing({
    address,
    namespace,
    signal,
    isOver,
    timeoutMs: servingTimeoutMs,
  });
  // Whoever answers there may be somebody else's server: ours says so when it listens, and else soon ends.
  const deadline = Date.now() + BIND_FAILURE_MS;
  while (server.isAlive() && !server.tail().includes('Server:') && Date.now() < deadline) {
    await Promise.race([server.ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  if (!server.isAlive()) {
    const how = await server.ended;
    throw new TemporalServerStartError(
      'ENDED',
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
