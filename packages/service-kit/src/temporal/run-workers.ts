import { getHeapStatistics } from 'node:v8';
import { isGrpcServiceError } from '@temporalio/client';
import type { Worker, WorkerOptions } from '@temporalio/worker';
import type { Readiness } from '../http/readiness.ts';
import type { Logger } from '../logging/create-logger.ts';
import { createBackOff } from './back-off.ts';
import { temporalDataConverter } from './data-converter.ts';
import type { TemporalConnection } from './temporal-connection.ts';
import type { TemporalConnector } from './temporal-connector.ts';
import { reasonOf } from './unreachable-error.ts';

const defaultShutdownGraceMs = 5_000;
/**
 * The SDK would fill a large heap: thousands of workflows on a machine with much memory. Those that wait for hours are
 * not needed there, and those that are at work are the last ones to be given up.
 */
const defaultCachedWorkflows = 500;
/** After the grace, activities are cancelled; one that does not react keeps its worker this much longer. */
const cancelledActivityMs = 1_000;
const MIB = 1_024 * 1_024;
const FEWEST_CACHED_WORKFLOWS = 10;
/** A worker that lived this long and fails is tried again without the pauses of its earlier failures. */
const settledMs = 60_000;

/** The part of a worker's options that is the same for all: `Worker.create({ ...base, taskQueue, … })`. */
export type WorkerBaseOptions = Required<
  Pick<
    WorkerOptions,
    | 'connection'
    | 'namespace'
    | 'dataConverter'
    | 'maxCachedWorkflows'
    | 'shutdownGraceTime'
    | 'shutdownForceTime'
  >
>;

/** Makes a worker on an open connection. Called again when the worker failed. */
export type WorkerFactory = (base: WorkerBaseOptions, connection: TemporalConnection) => Promise<Worker>;

/** What {@link runWorkers} takes. */
export interface RunWorkersOptions {
  readonly connector: Pick<TemporalConnector, 'connected'>;
  /** By name, for logs and for the readiness check `worker:<name>`. */
  readonly workers: Readonly<Record<string, WorkerFactory>>;
  readonly logger: Logger;
  readonly readiness?: Readiness;
  /** How long running activities may go on after {@link WorkerGroup.close}. Default: 5 s. */
  readonly shutdownGraceMs?: number;
  /** How many workflows each worker keeps in memory, if the heap allows. Default: 500. */
  readonly maxCachedWorkflows?: number;
}

/** Workers that run until they are closed. */
export interface WorkerGroup {
  /** Resolves when every worker has run once; never, when one never can. Rejects when closed before. */
  readonly running: Promise<void>;
  /** Lets every worker finish what it does, within the grace; resolves when all have ended. */
  close(): Promise<void>;
}

/**
 * Keeps workers running in the background: waits for the connection, makes each, and makes it again, with
 * back-off, when it fails. A namespace that does not exist yet or a bundle that does not load therefore shows
 * as a readiness reason and in the log, not as the end of the process.
 */
export function runWorkers(options: RunWorkersOptions): WorkerGroup {
  const controller = new AbortController();
  const loops: Promise<void>[] = [];
  const firsts: Promise<void>[] = [];
  for (const [name, factory] of Object.entries(options.workers)) {
    const first = Promise.withResolvers<void>();
    firsts.push(first.promise);
    options.readiness?.set(`worker:${name}`, { ready: false, reason: 'waiting for Temporal' });
    loops.push(
      keepRunning(name, factory, options, controller.signal, first.resolve).finally(() =>
        first.reject(new Error(`worker "${name}" was closed before it ran`)),
      ),
    );
  }
  const running = Promise.all(firsts).then(() => {});
  running.catch(() => {}); // Nobody has to wait for it.
  return {
    running,
    async close() {
      controller.abort(new Error('the workers are being closed'));
      await Promise.all(loops);
    },
  };
}

async function keepRunning(
  name: string,
  factory: WorkerFactory,
  {
    connector,
    logger,
    readiness,
    shutdownGraceMs = defaultShutdownGraceMs,
    maxCachedWorkflows = defaultCachedWorkflows,
  }: RunWorkersOptions,
  signal: AbortSignal,
  onRunning: () => void,
): Promise<void> {
  const log = logger.child({ worker: name });
  const backOff = createBackOff(signal);
  const connection = await untilAborted(connector.connected, signal);
  if (connection === undefined) return;
  const base: WorkerBaseOptions = {
    connection: connection.native,
    namespace: connection.namespace,
    dataConverter: temporalDataConverter,
    maxCachedWorkflows: cachedWorkflows(maxCachedWorkflows, getHeapStatistics().heap_size_limit),
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + cancelledActivityMs,
  };
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      await expectNamespace(connection);
      const worker = await factory(base, connection);
      await runUntilStopped(worker, signal, () => {
        log.info(
          { taskQueue: worker.options.taskQueue, namespace: worker.options.namespace },
          'worker running',
        );
        readiness?.set(`worker:${name}`, { ready: true });
        onRunning();
      });
      log.info('worker stopped');
      if (!signal.aborted) throw new Error('the worker ended although nobody stopped it');
    } catch (error) {
      if (signal.aborted) {
        log.warn({ err: error }, 'worker did not end in order');
        return;
      }
      log.error({ err: error }, 'worker failed; starting it again');
      readiness?.set(`worker:${name}`, { ready: false, reason: `failed: ${reasonOf(error)}` });
      if (performance.now() - startedAt > settledMs) backOff.reset();
      await backOff.wait().catch(() => {}); // Interrupted only by the close, which ends the loop.
    }
  }
}

/**
 * How many workflows a worker keeps in memory.
 *
 * @param limit what is asked for
 * @param heapBytes the most that the heap may grow to; of it the SDK's own rule is made, below which nothing is asked for
 */
export function cachedWorkflows(limit: number, heapBytes: number): number {
  const heapAllows = Math.floor(((heapBytes / MIB - 200) / 1_024) * 600);
  return Math.min(limit, Math.max(heapAllows, FEWEST_CACHED_WORKFLOWS));
}

async function runUntilStopped(worker: Worker, signal: AbortSignal, onRunning: () => void): Promise<void> {
  const stop = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const run = worker.run();
    onRunning();
    // Closed while it was being made: nobody else will stop it.
    if (signal.aborted) stop();
    await run;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** gRPC's code for a name that nothing has. */
const grpcNotFound = 5;

/**
 * A worker for a namespace that does not exist fails to be made, and the SDK keeps its native half for ever:
 * in a loop that is a leak. Who may not ask finds out by the worker.
 */
async function expectNamespace({ native, namespace }: TemporalConnection): Promise<void> {
  try {
    await native.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === grpcNotFound) {
      throw new Error(`namespace "${namespace}" is not found: create it, or set TEMPORAL_NAMESPACE`, {
        cause: error,
      });
    }
  }
}

async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = () => aborted.resolve(undefined);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } catch {
    // The connector was closed before it had a connection: there is nothing to run on.
    return undefined;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
