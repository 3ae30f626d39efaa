import { type TemporalConnection, temporalDataConverter } from '@token-handshake/service-kit';
import type { ZigflowContext } from '../context.ts';
import { createWorker } from '../worker/create-worker.ts';
import { workflowBundle } from '../workflow-bundle.ts';

/** A worker within a command. */
export interface OwnWorker {
  /** Rejects when the worker fails; resolves when it was stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** A command that ends does not wait long for its activities: they hold nothing that another attempt would miss. */
const GRACE_MS = 1_000;

/** Runs a worker for one task queue on an open connection. */
export async function startOwnWorker(
  connection: TemporalConnection,
  taskQueue: string,
  context: ZigflowContext,
): Promise<OwnWorker> {
  const base = {
    connection: connection.native,
    namespace: connection.namespace,
    dataConverter: temporalDataConverter,
    maxCachedWorkflows: context.config.temporal.maxCachedWorkflows,
    shutdownGraceTime: GRACE_MS,
    shutdownForceTime: 2 * GRACE_MS,
  };
  const { maxConcurrentActivities } = context.config.worker;
  const worker = await createWorker(base, taskQueue, {
    ...context,
    ...(await workflowBundle()),
    maxConcurrentActivities,
  });
  const ended = worker.run();
  ended.catch(() => {}); // Whoever races with it hears of it.
  return {
    ended,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended.catch(() => {});
    },
  };
}
