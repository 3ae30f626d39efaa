import { calleeIdOf } from '../callee-id.ts';
import { CALLER_TASK_QUEUE } from '../names.ts';
import type { Shape } from '../shape.ts';

/** A child workflow on the callee's queue: caller and callee share a namespace and know each other's code. */
export const child: Shape = {
  name: 'child',
  workflowType: 'child',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'callee', 'agent'],
  calleeOf: calleeIdOf,
};
