import { proxyLocalActivities } from '@temporalio/workflow';
import type { StoreActivities } from './activity-types.ts';

/**
 * The stores, from the workflow. A database that does not answer is waited for: a result that a runner has returned
 * is in the history and is not lost.
 */
export const store = proxyLocalActivities<StoreActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});
