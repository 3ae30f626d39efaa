import { calleeIdOf } from '../callee-id.ts';
import { CALLER_TASK_QUEUE } from '../names.ts';
import type { Shape } from '../shape.ts';

/**
 * The hand-off without what makes it safe: the raw task token in the request, no ledger, no seal, no credentials; the
 * callee's workflow carries the token, and a normal activity of it completes the caller.
 */
export const naive: Shape = {
  name: 'naive',
  workflowType: 'naive',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'callee', 'agent'],
  calleeOf: calleeIdOf,
};
