/**
 * What Temporal says about a callee's workflow: that it runs, how it closed, that there is none, or nothing.
 * `continued`: it went on as another run, which the next look finds. `unknown`: it did not answer.
 */
export const WORKFLOW_STATES = [
  'running',
  'continued',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timed_out',
  'not_found',
  'unknown',
] as const;

/** One of {@link WORKFLOW_STATES}. */
export type WorkflowState = (typeof WORKFLOW_STATES)[number];

/** Whether it is over with the workflow; `undefined` while that is not known. */
export function isOver(state: WorkflowState): boolean | undefined {
  switch (state) {
    case 'running':
    case 'continued':
      return false;
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'terminated':
    case 'timed_out':
    case 'not_found':
      return true;
    case 'unknown':
      return undefined;
  }
}
