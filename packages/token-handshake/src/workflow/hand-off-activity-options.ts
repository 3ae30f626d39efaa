import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { ERROR_CODES } from '../error-codes.ts';

/** How a caller's workflow runs the activity that hands off. */
export interface HandOffActivityOptions {
  /** How long to wait for the answer, over all attempts, in milliseconds. Default: 24 hours. */
  readonly resultTimeoutMs?: number;
  /**
   * How long the callee may be silent, in milliseconds: the activity's heartbeat time-out. Beats come from the
   * callee's relay, so this is how soon a dead callee is noticed. Default: 5 minutes.
   */
  readonly livenessTimeoutMs?: number;
  /** What is waited for, in a line for people: Temporal's UI shows it beside the activity. */
  readonly summary?: string;
}

const RESULT_TIMEOUT_MS = 24 * 60 * 60 * 1_000;
const LIVENESS_TIMEOUT_MS = 5 * 60 * 1_000;

/**
 * The options of the activity that hands off. Attempts are not limited: how often Temporal has to call it again
 * depends on restarts and lost answers, which say nothing about the call; the result time-out bounds them all.
 * Refusals end it by their type. A cancellation waits until the callee has stopped and reported its details.
 *
 * @throws RangeError when a time-out is not a positive number
 */
export function handOffActivityOptions(options: HandOffActivityOptions = {}): ActivityOptions {
  const { resultTimeoutMs = RESULT_TIMEOUT_MS, livenessTimeoutMs = LIVENESS_TIMEOUT_MS, summary } = options;
  requirePositive('resultTimeoutMs', resultTimeoutMs);
  requirePositive('livenessTimeoutMs', livenessTimeoutMs);
  return {
    scheduleToCloseTimeout: resultTimeoutMs,
    startToCloseTimeout: resultTimeoutMs,
    heartbeatTimeout: Math.min(livenessTimeoutMs, resultTimeoutMs),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: 1_000,
      backoffCoefficient: 2,
      maximumInterval: 30_000,
      nonRetryableErrorTypes: REFUSALS,
    },
    ...(summary !== undefined && { summary }),
  };
}

/** Every error of the handshake that the same request would meet again. */
const REFUSALS = Object.entries(ERROR_CODES)
  .filter(([, { retryable }]) => !retryable)
  .map(([code]) => code);

function requirePositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`Expected "${name}" to be a positive number of milliseconds, got ${value}.`);
}
