import { calleeIdOf } from '../callee-id.ts';
import { CALLER_TASK_QUEUE } from '../names.ts';
import type { Shape } from '../shape.ts';

/** An activity starts the callee's workflow, which signals the answer back. */
export const signal: Shape = {
  name: 'signal',
  workflowType: 'signal',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'callee', 'agent'],
  calleeOf: calleeIdOf,
};
