import type { WorkflowExecutionStatusName } from '@temporalio/client';
import type { WorkflowState } from '../../decision/workflow-state.ts';

/** Temporal's word for how a workflow is, in ours. */
export function workflowStateOf(status: WorkflowExecutionStatusName): WorkflowState {
  switch (status) {
    case 'RUNNING':
    case 'PAUSED':
      return 'running';
    case 'CONTINUED_AS_NEW':
      return 'continued';
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed_out';
    case 'UNSPECIFIED':
    case 'UNKNOWN':
      return 'unknown';
  }
}
