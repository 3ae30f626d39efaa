import { proxyActivities } from '@temporalio/workflow';
import type { blockingActivities } from './activity.ts';

const { pollAgent } = proxyActivities<ReturnType<typeof blockingActivities>>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** Waits for an activity that polls. */
export function blocking(): ReturnType<typeof pollAgent> {
  return pollAgent();
}
