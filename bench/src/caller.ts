import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Worker } from '@temporalio/worker';
import {
  bundleForDevelopment,
  connectWithin,
  createLogger,
  installRuntime,
  temporalDataConverter,
} from '@token-handshake/service-kit';
import type { CallerMessage } from './caller-process.ts';
import { blockingActivities } from './shapes/blocking.ts';
import { limitActivities } from './shapes/limit.ts';
import { BENCH_TASK_QUEUE } from './shapes/shape.ts';

// The caller of the bench's own shapes, a process: a worker that runs until the channel to its parent is closed.

let stop: () => void = () => process.exit(1);
process.once('disconnect', () => stop());

const [address = '', namespace = '', stigmerUrl = ''] = process.argv.slice(2);
installRuntime({ logger: createLogger({ name: 'bench-caller', level: 'error', destination: 'stderr' }) });
const connection = await connectWithin({ address, namespace });
const sessionManager = new Http2SessionManager(stigmerUrl);
const transport = createGrpcTransport({ baseUrl: stigmerUrl, sessionManager });
const worker = await Worker.create({
  connection: connection.native,
  namespace,
  dataConverter: temporalDataConverter,
  taskQueue: BENCH_TASK_QUEUE,
  workflowBundle: await bundleForDevelopment(new URL('./workflows', import.meta.url)),
  activities: {
    ...limitActivities((taskToken) =>
      tell({ kind: 'token', taskToken: Buffer.from(taskToken).toString('base64') }),
    ),
    ...blockingActivities(transport),
  },
  shutdownForceTime: '5s',
});
const running = worker.run();
stop = () => worker.shutdown();
tell({ kind: 'ready' });
await running;
sessionManager.abort();
await connection.close();

function tell(message: CallerMessage): void {
  process.send?.(message);
}
