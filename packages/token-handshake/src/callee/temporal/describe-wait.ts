import type { ConnectionLike } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { WaitFacts, WaitRef } from '../completion-target.ts';
import { describeRun } from './look-at-wait.ts';
import { msOf } from './ms-of.ts';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

/** Asks Temporal whether an activity is pending, by run id, so that a later run is never taken for the caller's. */
export async function describeWait(
  connection: ConnectionLike,
  namespace: string,
  { workflowId, runId, activityId }: WaitRef,
): Promise<WaitFacts> {
  const { isRunning, pending } = await describeRun(connection, { namespace, workflowId, runId });
  const found = pending.find((activity) => activity.activityId === activityId);
  return isRunning && found ? factsOf(found) : { kind: 'absent' };
}

function factsOf(pending: Pending): WaitFacts {
  const { activityType, attempt, lastStartedTime, expirationTime, activityOptions } = pending;
  return {
    kind: 'pending',
    activityType: activityType?.name ?? '',
    attempt: attempt ?? 1,
    ...positive('attemptStartedAt', msOf(lastStartedTime)),
    ...positive('expiresAt', msOf(expirationTime)),
    ...positive('heartbeatTimeoutMs', msOf(activityOptions?.heartbeatTimeout)),
    ...positive('longestBackOffMs', msOf(activityOptions?.retryPolicy?.maximumInterval)),
  };
}

/** Temporal says "none" by leaving a time out or by zero. */
function positive<K extends string>(key: K, value: number): { readonly [key in K]?: number } {
  return value > 0 ? ({ [key]: value } as { readonly [key in K]?: number }) : {};
}
