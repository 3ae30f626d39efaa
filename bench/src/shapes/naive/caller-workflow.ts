import { proxyActivities } from '@temporalio/workflow';
import { MESSAGE } from '../names.ts';
import type { naiveActivities } from './activity.ts';

const { callAgent } = proxyActivities<ReturnType<typeof naiveActivities>>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 1 },
});

/** Waits for whoever has the token. */
export function naive(): Promise<string> {
  return callAgent(MESSAGE);
}
