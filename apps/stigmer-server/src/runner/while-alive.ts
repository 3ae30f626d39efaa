import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { RUNNER_STOPPED } from '../workflows/failure-of-run.ts';

/** Well below the time-out, so that a busy moment is not taken for death. */
const BEATS_PER_TIMEOUT = 5;
/** A cancel comes with the answer to a beat, and 5 s after it is known the run and its programs have to be gone. */
const LONGEST_BEAT_MS = 2_000;

/**
 * Does an activity's work with heartbeats. Work that ends because the process is being stopped is not cancelled: it may
 * begin again elsewhere.
 */
export async function whileAlive<T>(work: (activity: Context) => Promise<T>): Promise<T> {
  const activity = Context.current();
  const timeoutMs = activity.info.heartbeatTimeoutMs ?? LONGEST_BEAT_MS * BEATS_PER_TIMEOUT;
  const timer = setInterval(
    () => activity.heartbeat(),
    Math.min(timeoutMs / BEATS_PER_TIMEOUT, LONGEST_BEAT_MS),
  );
  try {
    return await work(activity);
  } catch (error) {
    if (error instanceof CancelledFailure && activity.cancellationDetails?.workerShutdown)
      throw ApplicationFailure.retryable('the runner was stopped while the agent ran', RUNNER_STOPPED);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
