import { calleeIdOf } from '../callee-id.ts';
import { CALLER_TASK_QUEUE } from '../names.ts';
import type { Shape } from '../shape.ts';

/** A Nexus operation that is a workflow of the callee. */
export const nexus: Shape = {
  name: 'nexus',
  workflowType: 'nexus',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'callee', 'agent'],
  calleeOf: calleeIdOf,
};
