import type { CancelCause } from '../callee/ledger.ts';
import type { HandshakeFailureType } from '../failure-types.ts';
import type { ExecutionId } from '../ids.ts';
import type { Outcome } from '../outcome.ts';
import type { WorkflowState } from './workflow-state.ts';

/** How an execution ends whose workflow is over and has stored no end. */
export type OrphanEnd = 'lost' | 'terminated' | 'cancelled';

/** The end that a workflow leaves behind which is over without having stored one; `undefined` while it is not over. */
export function orphanEnd(state: WorkflowState): OrphanEnd | undefined {
  switch (state) {
    case 'terminated':
    case 'cancelled':
      return state;
    case 'completed':
    case 'failed':
    case 'timed_out':
    case 'not_found':
      return 'lost';
    case 'running':
    case 'continued':
    case 'unknown':
      return undefined;
  }
}

/** What the caller is told of it. */
export function orphanOutcome(
  end: OrphanEnd,
  { executionId, cancelCause = 'operator' }: { executionId: ExecutionId; cancelCause?: CancelCause },
): Outcome {
  switch (end) {
    case 'lost':
      return failure(
        'AgentExecutionLost',
        `The workflow of the execution "${executionId}" is gone and has left no result.`,
      );
    case 'terminated':
      return failure(
        'AgentExecutionTerminated',
        `The workflow of the execution "${executionId}" was terminated before it had a result.`,
      );
    case 'cancelled':
      return { cancelled: { cause: cancelCause } };
  }
}

function failure(type: HandshakeFailureType, message: string): Outcome {
  return { failed: { type, message, details: [], retryable: false } };
}
