import { executeChild, workflowInfo } from '@temporalio/workflow';
import type { answer } from '../../processes/callee/workflows/answer.ts';
import { calleeIdOf } from '../callee-id.ts';
import { CALLEE_TASK_QUEUE, MESSAGE } from '../names.ts';

/** Waits for a child on the callee's queue. */
export function child(): Promise<string> {
  return executeChild<typeof answer>('answer', {
    workflowId: calleeIdOf(workflowInfo().workflowId),
    taskQueue: CALLEE_TASK_QUEUE,
    args: [MESSAGE],
  });
}
