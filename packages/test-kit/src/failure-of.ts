import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';

/** What a caller's workflow failed with, once the wrappers of workflow and activity are taken off. */
export interface CallerFailure {
  readonly type: string | undefined;
  readonly message: string;
  readonly details: unknown;
  readonly nonRetryable: boolean | undefined;
}

/**
 * Waits for a workflow to fail and returns the innermost failure.
 *
 * @throws Error when the workflow completes.
 */
export async function failureOf(result: Promise<unknown>): Promise<CallerFailure> {
  let error: unknown;
  try {
    const value = await result;
    throw new Error(`expected the workflow to fail, but it returned ${JSON.stringify(value)}`);
  } catch (thrown) {
    if (!(thrown instanceof WorkflowFailedError)) throw thrown;
    error = thrown.cause;
  }
  while (error instanceof TemporalFailure && error.cause instanceof TemporalFailure) error = error.cause;
  if (!(error instanceof ApplicationFailure)) {
    throw new Error('expected an ApplicationFailure at the bottom', { cause: error });
  }
  return {
    type: error.type ?? undefined,
    message: error.message,
    details: error.details,
    nonRetryable: error.nonRetryable ?? undefined,
  };
}
