import type { Client } from '@temporalio/client';
import { serverSetups } from '../server-setups.ts';
import { withServices } from '../services.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { type HoldingRunner, startHoldingRunner } from './holding-runner.ts';
import { MetricSamples } from './metric-samples.ts';
import type { ProcessName } from './scale-results.ts';

/** Above the longest run: agents that are held send no heartbeats. */
const noRunnerHeartbeats = { RUNNER_HEARTBEAT_TIMEOUT: '6h' };

/** Above the longest run. */
const CALL_RESULT_TIMEOUT = '6h';

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
  const env = {
    stigmer: noRunnerHeartbeats,
    zigflow: {
      MAX_CONCURRENT_ACTIVITIES: String(slots),
      CALL_LIVENESS_TIMEOUT: String(livenessMs),
      CALL_RESULT_TIMEOUT,
    },
  };
  const options = { setup: serverSetups.tuned, workflows: 'scale', env, signal: outer, report };
  return withServices(options, async ({ server, stack, connection, signal, breaks }) => {
    const { address, namespace } = server;
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
  });
}
