import { proxyActivities } from '@temporalio/workflow';
import { ACTIVITY_TIMEOUT } from '../names.ts';
import type { limitActivities } from './activity.ts';

const { waitForToken } = proxyActivities<ReturnType<typeof limitActivities>>({
  startToCloseTimeout: ACTIVITY_TIMEOUT,
});

/** Waits for whoever has the token. */
export function limit(): Promise<string> {
  return waitForToken();
}
