import { proxyActivities } from '@temporalio/workflow';
import type { limitActivities } from '../shapes/limit.ts';

const { waitForToken } = proxyActivities<ReturnType<typeof limitActivities>>({
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** Waits for whoever has the token. */
export function limit(): Promise<string> {
  return waitForToken();
}
