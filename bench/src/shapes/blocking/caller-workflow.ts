import { proxyActivities } from '@temporalio/workflow';
import { ACTIVITY_TIMEOUT } from '../names.ts';
import type { blockingActivities } from './activity.ts';

const { pollAgent } = proxyActivities<ReturnType<typeof blockingActivities>>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: ACTIVITY_TIMEOUT,
});

/** Waits for an activity that polls. */
export function blocking(): ReturnType<typeof pollAgent> {
  return pollAgent();
}
