import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Worker } from '@temporalio/worker';
import {
  bundleForDevelopment,
  connectWithin,
  createLogger,
  installRuntime,
  temporalDataConverter,
} from '@token-handshake/service-kit';
import { blockingActivities } from '../../shapes/blocking/activity.ts';
import { BLOCKING_TASK_QUEUE, READY } from './caller-process.ts';

// The blocking callers, a process: a worker that runs until the channel to its parent is closed.

let stop: () => void = () => process.exit(1);
process.once('disconnect', () => stop());

const [address = '', namespace = '', stigmerUrl = '', slots = ''] = process.argv.slice(2);
installRuntime({ logger: createLogger({ name: 'bench-blocking', level: 'error', destination: 'stderr' }) });
const connection = await connectWithin({ address, namespace });
const sessionManager = new Http2SessionManager(stigmerUrl);
const worker = await Worker.create({
  connection: connection.native,
  namespace,
  dataConverter: temporalDataConverter,
  taskQueue: BLOCKING_TASK_QUEUE,
  workflowBundle: await bundleForDevelopment(new URL('./workflows', import.meta.url)),
  activities: blockingActivities(createGrpcTransport({ baseUrl: stigmerUrl, sessionManager })),
  maxConcurrentActivityTaskExecutions: Number(slots),
  shutdownForceTime: '5s',
});
const running = worker.run();
stop = () => worker.shutdown();
process.send?.(READY);
await running;
sessionManager.abort();
await connection.close();
