import { proxyActivities } from '@temporalio/workflow';
import { ACTIVITY_TIMEOUT, AGENT_TASK_QUEUE } from '../../../shapes/names.ts';
import type { agentActivities } from '../../agent/activities.ts';

const { runAgent } = proxyActivities<typeof agentActivities>({
  taskQueue: AGENT_TASK_QUEUE,
  startToCloseTimeout: ACTIVITY_TIMEOUT,
});

/** The agent's activity, on a queue of its own. */
export function askAgent(message: string): Promise<string> {
  return runAgent(message);
}
