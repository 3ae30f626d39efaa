import { proxyActivities } from '@temporalio/workflow';
import { ACTIVITY_TIMEOUT, MESSAGE } from '../names.ts';
import type { naiveActivities } from './activity.ts';

const { callAgent } = proxyActivities<ReturnType<typeof naiveActivities>>({
  startToCloseTimeout: ACTIVITY_TIMEOUT,
});

/** Waits for whoever has the token. */
export function naive(): Promise<string> {
  return callAgent(MESSAGE);
}
