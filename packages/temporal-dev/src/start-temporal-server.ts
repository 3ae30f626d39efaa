import { TemporalServerStartError } from './errors.ts';
import { findTemporalServer } from './find-temporal-server.ts';
import { type Report, reportToStderr } from './report.ts';
import { LOCAL_DYNAMIC_CONFIG } from './server-arguments.ts';
import { startServerProcess, stopServerProcess } from './server-process.ts';
import { addressOf, waitUntilServing } from './wait-until-serving.ts';

/** A server starts in less than a second; a busy machine or a large database file takes longer. */
const SERVING_TIMEOUT_MS = 30_000;

/** How to run a local server. */
export interface StartOptions {
  /** Port of the server; 0 for any free one. Default: 7233. */
  port?: number;
  /** Port of the web UI; 0 for any free one, false for no UI. Default: 8233. */
  uiPort?: number | false;
  /** SQLite file that keeps everything; made with its folders. Default: in memory, gone at the end. */
  databaseFile?: string;
  /** Namespace to create and wait for. Default: `default`. */
  namespace?: string;
  /** Address to listen on. Default: 127.0.0.1, which only this machine reaches. */
  ip?: string;
  /** File that gets all output of the server. Default: none; errors carry the end of it all the same. */
  logFile?: string;
  /**
   * Dynamic configuration, `key=value` each; empty for Temporal's own defaults. Default: what makes one history shard
   * quick, `history.transferProcessorMaxPollRPS=5000`.
   */
  dynamicConfig?: readonly string[];
  /** Further arguments of `temporal server start-dev`. Default: none. */
  extraArgs?: readonly string[];
  /** Environment of the search and of the server. Default: the process's. */
  env?: NodeJS.ProcessEnv;
  /** Gets one line for each step worth telling. Default: standard error. */
  report?: Report;
  /** Ends the search and the start. A server that serves already is ended by its `stop` alone. */
  signal?: AbortSignal;
  /** How long the server may take to serve once it was found, in milliseconds. Default: 30,000. */
  servingTimeoutMs?: number;
  /** Passes over `TEMPORAL_ADDRESS` and always starts a server. Default: false. */
  ignoreAddress?: boolean;
}

/** {@link StartOptions} with nothing left open. */
export interface ResolvedStartOptions {
  port: number;
  uiPort: number | false;
  databaseFile: string | undefined;
  namespace: string;
  ip: string;
  logFile: string | undefined;
  dynamicConfig: readonly string[];
  extraArgs: readonly string[];
  env: NodeJS.ProcessEnv;
  report: Report;
  signal: AbortSignal | undefined;
  servingTimeoutMs: number;
  ignoreAddress: boolean;
}

/** A Temporal server that answered for its namespace. */
export interface RunningServer {
  /** `host:port` for clients and workers. */
  readonly address: string;
  /** Link to the web UI, where there is one. */
  readonly uiAddress?: string;
  readonly namespace: string;
  /** False for a server that was there before: `stop` leaves it alone. */
  readonly owned: boolean;
  /** Process id of an owned server. */
  readonly pid?: number;
  /** Resolves, in words, when an owned server's process has ended, asked for or not; for others never. */
  readonly ended: Promise<string>;
  /** Ends an owned server and resolves when its process is gone. May be called twice. */
  stop(): Promise<void>;
  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Turns what a user may pass into what {@link startTemporalServer} works with. */
export function resolveStartOptions(options: StartOptions): ResolvedStartOptions {
  return {
    port: options.port ?? 7233,
    uiPort: options.uiPort ?? 8233,
    databaseFile: options.databaseFile,
    namespace: options.namespace ?? 'default',
    ip: options.ip ?? '127.0.0.1',
    logFile: options.logFile,
    dynamicConfig: options.dynamicConfig ?? LOCAL_DYNAMIC_CONFIG,
    extraArgs: options.extraArgs ?? [],
    env: options.env ?? process.env,
    report: options.report ?? reportToStderr,
    signal: options.signal,
    servingTimeoutMs: options.servingTimeoutMs ?? SERVING_TIMEOUT_MS,
    ignoreAddress: options.ignoreAddress ?? false,
  };
}

/**
 * Finds a Temporal server and has it serve: the one at `TEMPORAL_ADDRESS` is only waited for; any other is started as a child that ends with `stop`, or with this process, however that ends.
 *
 * @throws TemporalServerNotFoundError when there is none to start.
 * @throws {@link TemporalServerStartError} when it does not come to serve.
 */
export async function startTemporalServer(options: StartOptions = {}): Promise<RunningServer> {
  const resolved = resolveStartOptions(options);
  const { env, report, signal, ignoreAddress, namespace, ip } = resolved;
  const found = await findTemporalServer({
    env,
    report,
    ignoreAddress,
    ...(signal === undefined ? {} : { signal }),
  });
  if (found.way === 'address') return useServer(found.address, resolved);
  const { process, ports } = await startServerProcess({
    ...resolved,
    executable: found.executable,
    keepsAlive: true,
  });
  const { port, uiPort } = ports;
  const stop = async () => {
    await stopServerProcess(process, resolved.databaseFile);
    ports.release();
  };
  return {
    address: addressOf(ip, port),
    ...(uiPort === false ? {} : { uiAddress: `http://${addressOf(ip, uiPort)}` }),
    namespace,
    owned: true,
    pid: process.pid,
    ended: process.ended,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A server that others started: checked, never stopped. */
export async function useServer(
  address: string,
  { namespace, signal, servingTimeoutMs }: ResolvedStartOptions,
): Promise<RunningServer> {
  const serving = await waitUntilServing({ address, namespace, signal, timeoutMs: servingTimeoutMs });
  if (!serving.serving) {
    throw new TemporalServerStartError(
      'ADDRESS_NOT_SERVING',
      `expected a Temporal server with namespace "${namespace}" at TEMPORAL_ADDRESS "${address}", but ` +
        `${serving.reason}: start it, or unset TEMPORAL_ADDRESS to have one started`,
    );
  }
  const leave = () => Promise.resolve();
  const ended = new Promise<string>(() => {});
  return { address, namespace, owned: false, ended, stop: leave, [Symbol.asyncDispose]: leave };
}
