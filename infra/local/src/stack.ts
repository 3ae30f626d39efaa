import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClaimedPort,
  claimFreePort,
  type RunningServer,
  startTemporalServer,
} from '@token-handshake/temporal-dev';
import { type LocalKeys, prepareKeys } from './keys.ts';
import { environmentOf } from './service-env.ts';
import { type ServiceName, serviceNames } from './service-name.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { type ResolvedStackOptions, resolveStackOptions, type StackOptions } from './stack-options.ts';
import { ServiceStartError } from './until-ready.ts';

const ip = '127.0.0.1';

/** How often new ports are tried when somebody else was quicker to listen on one. */
const portTries = 3;

/** A running system: a Temporal server and the two services, each a process. */
export interface Stack extends AsyncDisposable {
  readonly temporal: Pick<RunningServer, 'address' | 'namespace' | 'uiAddress'>;
  /** `host:port` of each service, running or not. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly keys: LocalKeys;
  /** Stigmer's SQLite file. */
  readonly databaseFile: string;
  /** Resolves, in words, when a part has ended that nobody stopped. */
  readonly broken: Promise<string>;
  /**
   * The latest process of a service.
   *
   * @throws Error when it was never started.
   */
  service(name: ServiceName): ServiceProcess;
  /** Starts a service that is not running, at the address that it has in this stack. */
  start(name: ServiceName, until?: 'live' | 'ready', signal?: AbortSignal): Promise<ServiceProcess>;
  /**
   * Starts one more process of a service at an address of its own, on the same data, and waits until it is ready. It
   * ends with the stack; when it ends before, the stack is not broken.
   */
  startReplica(name: ServiceName): Promise<ServiceProcess>;
  /** Ends everything in reverse order and resolves when it is gone. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal, then both services beside each other, and waits until they are ready. When anything fails,
 * or the signal fires, everything that was started is stopped before the promise rejects.
 *
 * @throws TemporalServerNotFoundError, TemporalServerStartError, ServiceStartError, or the signal's reason.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const resolved = resolveStackOptions(options);
  const keys = await prepareKeys(resolved.dataDir);
  for (const folder of [resolved.agentsDir, resolved.workflowsDir]) await mkdir(folder, { recursive: true });
  const owned = options.temporal === undefined ? await startServer(options, resolved.uiPort) : undefined;
  const temporal = options.temporal ?? (owned as RunningServer);
  const stopTemporal = async () => owned?.stop();
  for (let i = 1; ; i += 1) {
    const stack = await assemble(resolved, temporal, keys, stopTemporal);
    void owned?.ended.then((how) => stack.reportEnd('the Temporal server', how));
    try {
      await startAll(resolved, stack);
      return stack;
    } catch (error) {
      const again = i < portTries && error instanceof ServiceStartError && error.code === 'PORT_LOST';
      await (again ? stack.stopServices() : stack.stop());
      if (!again) throw error;
    }
  }
}

function startServer(options: StackOptions, uiPort: number | false): Promise<RunningServer> {
  return startTemporalServer({
    port: 0,
    uiPort,
    ...(options.report === undefined ? {} : { report: options.report }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Side by side; when one fails, the start of the other is given up. */
async function startAll({ services, until, signal }: ResolvedStackOptions, stack: Stack): Promise<void> {
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const start = (name: ServiceName) =>
    stack.start(name, until, either).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  await Promise.allSettled(services.map(start));
  either.throwIfAborted();
}

interface AssembledStack extends Stack {
  stopServices(): Promise<void>;
  reportEnd(part: string, how: string): void;
}

async function assemble(
  options: ResolvedStackOptions,
  temporal: Stack['temporal'],
  keys: LocalKeys,
  stopTemporal: () => Promise<void>,
): Promise<AssembledStack> {
  const claims: ClaimedPort[] = [];
  const freeAddress = async () => {
    const claim = await claimFreePort(ip);
    claims.push(claim);
    return `${ip}:${claim.port}`;
  };
  const addresses = {
    stigmer: options.addresses.stigmer ?? (await freeAddress()),
    zigflow: options.addresses.zigflow ?? (await freeAddress()),
  };
  const databaseFile = join(options.dataDir, 'stigmer.db');
  const running = new Map<ServiceName, ServiceProcess>();
  const replicas: ServiceProcess[] = [];
  const broken = Promise.withResolvers<string>();
  let stopping = false;
  const reportEnd = (part: string, how: string) => {
    if (!stopping) broken.resolve(`${part} ended by itself with ${how}`);
  };

  const launch = (
    name: ServiceName,
    address: string,
    until: 'live' | 'ready' = options.until,
    signal: AbortSignal | undefined = options.signal,
  ) =>
    startService({
      name,
      entry: options.entry,
      folder: options.packageFolders[name],
      address,
      until,
      signal,
      onLine: (line) => options.onLine(name, line),
      env: environmentOf(name, {
        base: options.baseEnv,
        temporalAddress: temporal.address,
        temporalNamespace: temporal.namespace,
        addresses: { ...addresses, [name]: address },
        handshakeKeysFile: keys.handshakeKeysFile,
        stigmerSecretsKey: keys.stigmerSecretsKey,
        stigmerApiKeysFile: keys.stigmerApiKeysFile,
        zigflowApiKey: keys.apiKeys.zigflow,
        databaseFile,
        agentsDir: options.agentsDir,
        workflowsDir: options.workflowsDir,
        overrides: address === addresses[name] ? options.env : ofReplica(options.env),
      }),
    });

  const start: Stack['start'] = async (name, until, signal) => {
    if (running.get(name)?.isAlive() === true) {
      throw new Error(`expected "${name}" to have ended before it is started again, but it runs`);
    }
    const service = await launch(name, addresses[name], until, signal);
    running.set(name, service);
    void service.ended.then((how) => reportEnd(name, how));
    return service;
  };

  const startReplica: Stack['startReplica'] = async (name) => {
    const replica = await launch(name, await freeAddress());
    replicas.push(replica);
    return replica;
  };

  const stopServices = async () => {
    stopping = true;
    for (const replica of replicas.toReversed()) await replica.stop();
    for (const name of serviceNames.toReversed()) await running.get(name)?.stop();
    for (const claim of claims) claim.release();
  };
  const stop = async () => {
    await stopServices();
    await stopTemporal();
  };
  return {
    temporal,
    addresses,
    keys,
    databaseFile,
    broken: broken.promise,
    start,
    startReplica,
    service: (name) => {
      const service = running.get(name);
      if (service === undefined)
        throw new Error(`expected "${name}" to be started in this stack, but it is not`);
      return service;
    },
    stop,
    stopServices,
    reportEnd,
    [Symbol.asyncDispose]: stop,
  };
}

/** A second process cannot listen where the first one does. */
function ofReplica(env: ResolvedStackOptions['env']): ResolvedStackOptions['env'] {
  return { ...env, stigmer: { ...env.stigmer, STIGMER_ANONYMOUS_LISTEN: '' } };
}
