import { activityInfo } from '@temporalio/activity';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { calleeIdOf } from '../callee-id.ts';
import { CALLEE_TASK_QUEUE } from '../names.ts';
import type { answerBySignal } from './callee-workflow.ts';

/** The activity; it has access to the callee's namespace. */
export function signalActivities(client: Client) {
  return {
    async startCallee(message: string): Promise<void> {
      const callerId = activityInfo().workflowExecution?.workflowId ?? '';
      try {
        await client.workflow.start<typeof answerBySignal>('answerBySignal', {
          workflowId: calleeIdOf(callerId),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          taskQueue: CALLEE_TASK_QUEUE,
          args: [callerId, message],
        });
      } catch (error) {
        // An attempt before this one started it, and did not live to say so.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}
