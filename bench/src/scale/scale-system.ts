import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startStack, temporaryFolder } from '@token-handshake/local';
import { connectWithin } from '@token-handshake/service-kit';
import { startTemporalServer } from '@token-handshake/temporal-dev';
import { type HoldingRunner, startHoldingRunner } from './holding-runner.ts';
import { MetricSamples } from './metric-samples.ts';
import type { ProcessName } from './scale-results.ts';
import { unlessAborted } from './time-bound.ts';

/** What the services can do is measured, not what one client is granted of it. */
const noRequestLimit = { STIGMER_REQUESTS_PER_SECOND: '1000000' };

/** Above the longest run: agents that are held send no heartbeats. */
const noRunnerHeartbeats = { RUNNER_HEARTBEAT_TIMEOUT: '6h' };

/** Above the longest run. */
const CALL_RESULT_TIMEOUT = '6h';

const definitions = join(import.meta.dirname, '../../definitions');

/** What is measured at one size, running. */
export interface ScaleSystem {
  readonly client: Client;
  readonly runner: HoldingRunner;
  /** `host:port` and namespace of Temporal. */
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** `http://host:port` of Stigmer. */
  readonly stigmerUrl: string;
  readonly pids: Readonly<Record<ProcessName, number>>;
  /** What a service shows of itself now. */
  metricsOf(service: 'stigmer' | 'zigflow'): Promise<MetricSamples>;
  /** Fires with the outer signal, or when a part of the system has ended by itself. */
  readonly signal: AbortSignal;
}

/** What {@link withScaleSystem} takes. */
export interface ScaleSystemOptions {
  /** Slots that the caller's worker has for its activities. */
  readonly slots: number;
  /** The liveness deadline of every call. */
  readonly livenessMs: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/**
 * Starts a Temporal server in memory, both services as built, and the runner in this process; all of it has ended when
 * the promise settles.
 */
export async function withScaleSystem<T>(
  { slots, livenessMs, signal: outer, report }: ScaleSystemOptions,
  use: (system: ScaleSystem) => Promise<T>,
): Promise<T> {
  const broken = new AbortController();
  const signal = AbortSignal.any([outer, broken.signal]);
  const breaks = (what: string) => broken.abort(new Error(what));
  await using folder = await temporaryFolder();
  await using server = await startTemporalServer({
    port: 0,
    uiPort: false,
    ignoreAddress: true,
    report,
    signal,
  });
  void server.ended.then((how) => breaks(`the Temporal server ended by itself with ${how}`));
  await using stack = await startStack({
    temporal: server,
    dataDir: folder.path,
    entry: 'dist',
    agentsDir: join(definitions, 'agents'),
    workflowsDir: join(definitions, 'scale'),
    env: {
      stigmer: {
        STIGMER_MODE: 'development',
        EMBEDDED_RUNNER: 'false',
        ...noRequestLimit,
        ...noRunnerHeartbeats,
      },
      zigflow: {
        MAX_CONCURRENT_ACTIVITIES: String(slots),
        CALL_LIVENESS_TIMEOUT: String(livenessMs),
        CALL_RESULT_TIMEOUT,
      },
    },
    signal,
  });
  void stack.broken.then(breaks);
  const { address, namespace } = server;
  const connection = await connectWithin({ address, namespace, signal });
  await using _connection = { [Symbol.asyncDispose]: () => connection.close() };
  const { client, native } = connection;
  await using runner = await startHoldingRunner(native, namespace);
  runner.ended.catch((error: unknown) => breaks(`the runner failed: ${String(error)}`));
  const { stigmer, zigflow } = { stigmer: stack.service('stigmer'), zigflow: stack.service('zigflow') };
  const urls = { stigmer: stigmer.url, zigflow: zigflow.url };
  return await use({
    client,
    runner,
    temporal: { address, namespace },
    stigmerUrl: stigmer.url,
    // A server that was started for this has a process.
    pids: { stigmer: stigmer.pid, zigflow: zigflow.pid, temporal: server.pid ?? 0, bench: process.pid },
    metricsOf: async (service) => {
      const answer = await unlessAborted(signal, fetch(`${urls[service]}/metrics`));
      return MetricSamples.parse(await answer.text());
    },
    signal,
  });
}
