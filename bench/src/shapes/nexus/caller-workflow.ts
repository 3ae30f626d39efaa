import { createNexusServiceClient, workflowInfo } from '@temporalio/workflow';
import { calleeIdOf } from '../callee-id.ts';
import { MESSAGE } from '../names.ts';
import { agentService, NEXUS_ENDPOINT } from './service.ts';

/** Waits for an operation of the callee's service. */
export function nexus(): Promise<string> {
  const client = createNexusServiceClient({ endpoint: NEXUS_ENDPOINT, service: agentService });
  return client.executeOperation(
    'answer',
    { workflowId: calleeIdOf(workflowInfo().workflowId), message: MESSAGE },
    { scheduleToCloseTimeout: '1m' },
  );
}
