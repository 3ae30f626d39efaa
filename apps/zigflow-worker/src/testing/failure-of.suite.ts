import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';

/** The failure that a workflow ended with; throws when it ended otherwise. */
export async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await running;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  }
  throw new Error('expected the workflow to fail, but it completed');
}
