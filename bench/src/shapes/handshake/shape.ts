import { MESSAGE } from '../names.ts';
import { executionIdOf, type Shape } from '../shape.ts';

/** This product, whole: `call: agent` of Zigflow, Stigmer, and a runner that answers at once. */
export const handshake: Shape = {
  name: 'handshake',
  workflowType: 'handshake',
  taskQueue: 'zigflow',
  args: [{ message: MESSAGE }],
  processes: ['zigflow', 'stigmer', 'agent'],
  calleeOf: (_callerId, result) => executionIdOf(result),
};
