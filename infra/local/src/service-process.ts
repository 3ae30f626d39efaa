import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child-process.ts';
import { appFolder, entryArguments, type ServiceEntry, type ServiceName } from './service-name.ts';
import { untilReady } from './until-ready.ts';

/** A cold start transpiles every source file and bundles the workflows, on a busy machine. */
const READY_TIMEOUT_MS = 120_000;

/** What Node made of the sources is kept: services start often here, and mostly from the same. */
const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url));

/** Above the services' own limit for an orderly end, so that theirs is the one that counts. */
const STOP_GRACE_MS = 15_000;

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly entry: ServiceEntry;
  /** The folder of its package. Default: the one in this checkout. */
  readonly folder?: string | undefined;
  /** `host:port` that its environment makes it listen on. */
  readonly address: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Default: `ready`. */
  readonly until?: 'live' | 'ready' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One of the two services as a process of its own. */
export interface ServiceProcess extends Omit<Child, 'stop'> {
  readonly name: ServiceName;
  /** `host:port` of everything it serves. */
  readonly address: string;
  /** `http://host:port`, for RPC clients. */
  readonly url: string;
  /** Waits until `/healthz` (`live`) or `/readyz` (`ready`) says yes. */
  until(state: 'live' | 'ready', signal?: AbortSignal): Promise<void>;
  /** SIGTERM, force after 15 s; resolves when the process is gone. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a service; {@link startService} also waits for it. */
export async function spawnService(options: ServiceOptions): Promise<ServiceProcess> {
  const { name, address } = options;
  const child = await startChild({
    command: process.execPath,
    args: entryArguments(options.folder ?? appFolder(name), options.entry),
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env },
    onLine: options.onLine,
  });
  return {
    ...child,
    name,
    address,
    url: `http://${address}`,
    until: (state, signal) =>
      untilReady({ name, child, address, until: state, timeoutMs: READY_TIMEOUT_MS, signal }),
    stop: () => child.stop(STOP_GRACE_MS),
  };
}

/**
 * Starts a service and waits until it is ready. What was started is stopped again when that fails.
 *
 * @throws ServiceStartError with the end of its output, or the signal's reason.
 */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const service = await spawnService(options);
  try {
    await service.until(options.until ?? 'ready', options.signal);
    return service;
  } catch (error) {
    await service.stop();
    throw error;
  }
}
