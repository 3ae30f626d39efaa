import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { BENCH_TASK_QUEUE, type Shape } from './shape.ts';

/** One bare asynchronous activity, completed at once by its token from another process: no wait is shorter. */
export const limit: Shape = {
  name: 'limit',
  workflowType: 'limit',
  taskQueue: BENCH_TASK_QUEUE,
  args: [],
  calleeOf: () => undefined,
};

/** The activity; `send` gets its task token out of the process. */
export function limitActivities(send: (taskToken: Uint8Array) => void) {
  return {
    async waitForToken(): Promise<string> {
      send(activityInfo().taskToken);
      throw new CompleteAsyncError();
    },
  };
}
