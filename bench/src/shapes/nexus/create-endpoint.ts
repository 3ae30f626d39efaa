import type { NativeConnection } from '@temporalio/worker';
import { CALLEE_TASK_QUEUE } from '../names.ts';
import { NEXUS_ENDPOINT } from './service.ts';

/** Makes the endpoint of the callee, as an operator does once. */
export async function createNexusEndpoint(connection: NativeConnection, namespace: string): Promise<void> {
  await connection.operatorService.createNexusEndpoint({
    spec: { name: NEXUS_ENDPOINT, target: { worker: { namespace, taskQueue: CALLEE_TASK_QUEUE } } },
  });
}
