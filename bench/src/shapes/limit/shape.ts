import { CALLER_TASK_QUEUE } from '../names.ts';
import type { Shape } from '../shape.ts';

/** One bare asynchronous activity, completed at once by its token from another process: no wait is shorter. */
export const limit: Shape = {
  name: 'limit',
  workflowType: 'limit',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'callee'],
  calleeOf: () => undefined,
};
