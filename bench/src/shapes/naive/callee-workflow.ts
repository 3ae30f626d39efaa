import { proxyActivities } from '@temporalio/workflow';
import { askAgent } from '../../processes/callee/workflows/ask-agent.ts';
import { ACTIVITY_TIMEOUT } from '../names.ts';
import type { completionActivities } from './completion-activity.ts';

const { completeExternalActivity } = proxyActivities<ReturnType<typeof completionActivities>>({
  startToCloseTimeout: ACTIVITY_TIMEOUT,
  // A caller that has gone, or has tried again meanwhile, never takes it.
  retry: { maximumAttempts: 3 },
});

/** Runs the agent, and completes the caller's activity by an activity of its own. */
export async function answerByToken(taskToken: string, message: string): Promise<void> {
  await completeExternalActivity(taskToken, await askAgent(message));
}
