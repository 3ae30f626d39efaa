import { proxyActivities } from '@temporalio/workflow';
import type { limitActivities } from './activity.ts';

const { waitForToken } = proxyActivities<ReturnType<typeof limitActivities>>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 1 },
});

/** Waits for whoever has the token. */
export function limit(): Promise<string> {
  return waitForToken();
}
