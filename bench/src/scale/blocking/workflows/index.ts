import { proxyActivities } from '@temporalio/workflow';
import type { blockingActivities } from '../../../shapes/blocking/activity.ts';

const { pollAgent } = proxyActivities<ReturnType<typeof blockingActivities>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
});

/** Waits for an activity that polls, and for a slot to poll in. */
export function scaleBlocking(): ReturnType<typeof pollAgent> {
  return pollAgent();
}
