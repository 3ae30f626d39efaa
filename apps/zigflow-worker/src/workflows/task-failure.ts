import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { CALL_AGENT } from '../activities/contract.ts';
import type { FailureType } from '../failure-types.ts';

/** Ends a workflow for a reason of this worker's own. */
export function failTask(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}

/** An attempt failed, and there is no other because the workflow was cancelled. */
export function endedByCancel(error: unknown): error is ActivityFailure {
  return error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED';
}

/**
 * The failure that a task ends with: type, message and details of whatever failed first, without the layers that
 * Temporal puts around it, so that whoever waits for the workflow sees the agent's own words. The layers stay as the
 * cause. Errors that are no failures are bugs, and pass: Temporal tries the workflow task again.
 */
export function failureOfTask(error: unknown, task: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    const { message, type, details, nonRetryable } = cause;
    return ApplicationFailure.create({
      message,
      ...(type == null ? {} : { type }),
      details: details ?? [],
      ...(nonRetryable == null ? {} : { nonRetryable }),
      cause: error,
    });
  }
  if (cause instanceof TimeoutFailure && error.activityType === CALL_AGENT)
    return timedOut(error, cause, task);
  return ApplicationFailure.create({
    type: 'ActivityFailed' satisfies FailureType,
    message: cause?.message ?? error.message,
    cause: error,
  });
}

function timedOut(error: ActivityFailure, cause: TimeoutFailure, task: string): ApplicationFailure {
  const silent = cause.timeoutType === 'HEARTBEAT';
  const message = silent
    ? `"${task}" heard nothing from the agent's service for longer than "timeouts.liveness" allows`
    : `"${task}" got no answer within "timeouts.result"`;
  return ApplicationFailure.create({
    type: 'AgentCallTimedOut' satisfies FailureType,
    message:
      cause.cause === undefined ? message : `${message}; the last attempt said: ${cause.cause.message}`,
    details: [
      { timeoutType: cause.timeoutType ?? 'UNKNOWN', lastHeartbeat: cause.lastHeartbeatDetails ?? null },
    ],
    nonRetryable: true,
    cause: error,
  });
}
