import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  ServerFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { JsonValue, OutcomeFailure } from '@token-handshake/core/workflow';
import type { FailureType } from '../failure-types.ts';
import type { RunnerActivities } from './activity-types.ts';

const RUN_TIMED_OUT = 'the run took longer than it may (RUNNER_RUN_TIMEOUT)';

/** The failure type by which the embedded runner says that it is being stopped. */
export const RUNNER_STOPPED = 'RunnerStopped' satisfies FailureType;

/**
 * What an attempt that threw means.
 *
 * - `cancelled`: it was cancelled.
 * - `lost`: the runner was stopped or died: nothing is known about the agent's work.
 * - `failed`: the agent failed; `final` when trying again cannot help.
 */
export type FailedAttempt =
  | { readonly kind: 'cancelled' }
  | ({ readonly kind: 'lost'; readonly failure: OutcomeFailure } & LastWords)
  | ({ readonly kind: 'failed'; readonly failure: OutcomeFailure; readonly final: boolean } & LastWords);

/** How far an attempt was. */
interface LastWords {
  /** The details of its last heartbeat; absent where there were none, or where Temporal does not say. */
  readonly heartbeatDetails?: unknown;
}

/** Reads the error of an activity of the runner. Anything else is a bug, and thrown again. */
export function failureOfRun(error: unknown): FailedAttempt {
  if (isCancellation(error)) return { kind: 'cancelled' };
  if (error instanceof ChildWorkflowFailure) return failureOfChild(error);
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) return failureOfTimeout(cause, error.activityType);
  if (cause instanceof ApplicationFailure) {
    const failure = given(cause);
    if (cause.type === RUNNER_STOPPED) return { kind: 'lost', failure, heartbeatDetails: cause.details?.[0] };
    return { kind: 'failed', failure, final: cause.nonRetryable ?? false };
  }
  if (isTooLarge(cause)) {
    const message = 'the result of the runner is larger than Temporal takes (2 MiB): return less';
    return { kind: 'failed', failure: failed('ResultTooLarge', message), final: true };
  }
  return { kind: 'failed', failure: failed('RunnerFailed', cause?.message ?? error.message), final: false };
}

/** A conversation fails with what failed in it. */
function failureOfChild({ cause, message }: ChildWorkflowFailure): FailedAttempt {
  if (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) return failureOfRun(cause);
  if (cause instanceof TimeoutFailure) {
    return { kind: 'failed', failure: failed('RunTimedOut', RUN_TIMED_OUT), final: false };
  }
  return { kind: 'failed', failure: failed('RunnerFailed', cause?.message ?? message), final: false };
}

function failureOfTimeout(
  { timeoutType, lastHeartbeatDetails: heartbeatDetails }: TimeoutFailure,
  activityType: string,
): FailedAttempt {
  if (activityType === ('EnsureThread' satisfies keyof RunnerActivities)) {
    const message = 'the runner did not name a thread in time: it died, or lost its connection';
    return { kind: 'lost', failure: failed('RunnerLost', message) };
  }
  if (timeoutType === 'HEARTBEAT') {
    const message = 'the runner sent no heartbeat any more: it died, or lost its connection';
    return { kind: 'lost', failure: failed('RunnerLost', message), heartbeatDetails };
  }
  return {
    kind: 'failed',
    failure: failed('RunTimedOut', RUN_TIMED_OUT),
    final: false,
    heartbeatDetails,
  };
}

/** Temporal gives this failure no type of its own: its words are all there is. */
function isTooLarge(cause: Error | undefined): boolean {
  return cause instanceof ServerFailure && /exceeds size limit|too large/i.test(cause.message);
}

/** What the runner says of its failure, in its own words. */
function given({ type, message, details }: ApplicationFailure): OutcomeFailure {
  return { type: type ?? 'Error', message, details: (details ?? []) as JsonValue[], retryable: false };
}

function failed(type: FailureType, message: string): OutcomeFailure {
  return { type, message, details: [], retryable: false };
}
