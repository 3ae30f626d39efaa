import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { RUNNER_STOPPED } from '../workflows/failure-of-run.ts';

/** Well below the time-out, so that a busy moment is not taken for death. */
const BEATS_PER_TIMEOUT = 5;
/** A cancel comes with the answer to a beat, and 5 s after it is known the run and its programs have to be gone. */
const LONGEST_BEAT_MS = 2_000;

/**
 * Does an activity's work with heartbeats. Work that ends because the process is being stopped is not cancelled: it may
 * begin again elsewhere, from the details of the last heartbeat.
 *
 * @param work `beat` sends a heartbeat with details, which the following ones have too
 */
export async function whileAlive<T>(
  work: (activity: Context, beat: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const activity = Context.current();
  const timeoutMs = activity.info.heartbeatTimeoutMs ?? LONGEST_BEAT_MS * BEATS_PER_TIMEOUT;
  let latest: unknown;
  const timer = setInterval(
    () => activity.heartbeat(latest),
    Math.min(timeoutMs / BEATS_PER_TIMEOUT, LONGEST_BEAT_MS),
  );
  try {
    return await work(activity, (details) => {
      latest = details;
      activity.heartbeat(details);
    });
  } catch (error) {
    if (error instanceof CancelledFailure && activity.cancellationDetails?.workerShutdown) {
      throw ApplicationFailure.create({
        message: 'the runner was stopped while the agent ran',
        type: RUNNER_STOPPED,
        details: latest === undefined ? [] : [latest],
      });
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}
