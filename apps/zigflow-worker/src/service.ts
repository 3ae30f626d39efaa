import {
  createHttpServer,
  createTemporalConnector,
  installRuntime,
  Readiness,
  runWorkers,
  type Scope,
  standardInterceptors,
  type TemporalConnector,
  temporalEndpoint,
  type WorkerBaseOptions,
} from '@token-handshake/service-kit';
import type { ZigflowContext } from './context.ts';
import { LOG_MESSAGES } from './log-messages.ts';
import { callbackErrors } from './rpc/callback-errors.ts';
import { callbackRoutes } from './rpc/callback-service.ts';
import { observeCallbacks } from './rpc/observe-callbacks.ts';
import { createWorker } from './worker/create-worker.ts';
import { workflowBundle } from './workflow-bundle.ts';

/**
 * Starts the worker service: HTTP first, so that it can be asked why it is not ready, then a worker for each task
 * queue of its documents as soon as Temporal is there. Neither Temporal nor the callee has to be there before.
 */
export async function startService(scope: Scope, context: ZigflowContext): Promise<void> {
  const { config, logger, keyRing, catalog, engine, stigmer, metrics } = context;
  const taskQueues = catalog.taskQueues();
  const readiness = new Readiness({ temporal: 'not connected yet' });
  installRuntime({ logger });
  scope.add('expression engine', engine);
  scope.add('stigmer client', stigmer);
  let connector: TemporalConnector | undefined;
  const http = scope.add(
    'http',
    await createHttpServer({
      listen: config.server.listen,
      routes: callbackRoutes({
        config,
        keyRing,
        client: () => connector?.current()?.client,
        onEvent: observeCallbacks(logger, metrics.instruments),
      }),
      interceptors: standardInterceptors({
        toConnectError: callbackErrors(logger, metrics.instruments),
        logger,
      }),
      logger,
      health: readiness,
      metrics,
    }),
  );
  logger.info({ url: http.address().url }, 'listening');

  // Before Temporal is looked for: connected but without workers, the service would call itself ready.
  const bundle = await workflowBundle();
  const endpoint = await temporalEndpoint(config.temporal);
  connector = scope.add('temporal', createTemporalConnector({ ...endpoint, logger, readiness }));
  if (taskQueues.length === 0) logger.warn({ folder: config.workflows.dir }, LOG_MESSAGES.noDocuments);
  const parts = { ...context, ...bundle, maxConcurrentActivities: config.worker.maxConcurrentActivities };
  const factories = taskQueues.map(
    (taskQueue) => [taskQueue, (base: WorkerBaseOptions) => createWorker(base, taskQueue, parts)] as const,
  );
  scope.add(
    'workers',
    runWorkers({
      connector,
      workers: Object.fromEntries(factories),
      logger,
      readiness,
      shutdownGraceMs: config.temporal.shutdownGraceMs,
      maxCachedWorkflows: config.temporal.maxCachedWorkflows,
    }),
  );
}
