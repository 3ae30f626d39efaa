import { CALLER_TASK_QUEUE } from '../names.ts';
import { executionIdOf, type Shape } from '../shape.ts';

/** What is done without a handshake: an activity asks Stigmer each second whether the agent has answered. */
export const blocking: Shape = {
  name: 'blocking',
  workflowType: 'blocking',
  taskQueue: CALLER_TASK_QUEUE,
  args: [],
  processes: ['caller', 'stigmer', 'agent'],
  calleeOf: (_callerId, result) => executionIdOf(result),
};
