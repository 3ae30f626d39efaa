import { join } from 'node:path';
import type { RunningServer } from '@token-handshake/temporal-dev';
import { bareEnvironment } from './service-env.ts';
import { type ServiceEntry, type ServiceName, serviceNames } from './service-name.ts';

/** How to start the whole system. */
export interface StackOptions {
  /** Folder for everything the stack writes: keys, databases. Made when it is not there; its owner removes it. */
  readonly dataDir: string;
  /** A server that already runs, or is yet to be started, and that `stop` leaves alone. Default: one is started. */
  readonly temporal?: Pick<RunningServer, 'address' | 'namespace'>;
  /** Port of the web UI of a server that is started; 0 for a free one, false for none. Default: 0. */
  readonly uiPort?: number | false;
  /** Which services to start. Default: both. */
  readonly services?: readonly ServiceName[];
  /** `host:port` for a service. Default: a free port of 127.0.0.1. */
  readonly addresses?: Partial<Readonly<Record<ServiceName, string>>>;
  /** Folder with agent definitions. Default: an empty one in `dataDir`. */
  readonly agentsDir?: string;
  /** Folder with workflow documents. Default: an empty one in `dataDir`. */
  readonly workflowsDir?: string;
  /** Variables for one service, over all others. Default: none. */
  readonly env?: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** What the services inherit. Default: `PATH`, `HOME` and the like of this process. */
  readonly baseEnv?: NodeJS.ProcessEnv;
  /** What the services run from. Default: `source`. */
  readonly entry?: ServiceEntry;
  /** Folders of the services' packages. Default: those in this checkout. */
  readonly packageFolders?: Partial<Readonly<Record<ServiceName, string>>>;
  /** What to wait for; `live` does without Temporal. Default: `ready`. */
  readonly until?: 'live' | 'ready';
  /** Gets every line that a service writes, as it comes. */
  readonly onLine?: (service: ServiceName, line: string) => void;
  /** Gets a line for each step of finding a Temporal server. Default: standard error. */
  readonly report?: (line: string) => void;
  /** Ends the start: what was started is stopped, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** {@link StackOptions} with nothing left open, the Temporal server and `signal` apart. */
export interface ResolvedStackOptions {
  readonly dataDir: string;
  readonly uiPort: number | false;
  readonly services: readonly ServiceName[];
  readonly addresses: Partial<Readonly<Record<ServiceName, string>>>;
  readonly agentsDir: string;
  readonly workflowsDir: string;
  readonly env: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
  readonly baseEnv: NodeJS.ProcessEnv;
  readonly entry: ServiceEntry;
  readonly packageFolders: Partial<Readonly<Record<ServiceName, string>>>;
  readonly until: 'live' | 'ready';
  readonly onLine: (service: ServiceName, line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** Turns what a user may pass into what `startStack` works with. */
export function resolveStackOptions(options: StackOptions): ResolvedStackOptions {
  return {
    dataDir: options.dataDir,
    uiPort: options.uiPort ?? 0,
    services: options.services ?? serviceNames,
    addresses: options.addresses ?? {},
    agentsDir: options.agentsDir ?? join(options.dataDir, 'agents'),
    workflowsDir: options.workflowsDir ?? join(options.dataDir, 'workflows'),
    env: options.env ?? {},
    baseEnv: options.baseEnv ?? bareEnvironment(process.env),
    entry: options.entry ?? 'source',
    packageFolders: options.packageFolders ?? {},
    until: options.until ?? 'ready',
    onLine: options.onLine ?? (() => {}),
    signal: options.signal,
  };
}
