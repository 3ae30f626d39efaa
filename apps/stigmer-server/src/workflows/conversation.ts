import {
  ActivityCancellationType,
  ChildWorkflowCancellationType,
  continueAsNew,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import type { ConversationInput, ModelActivities, PlannedCall, Speaker } from './conversation-types.ts';
import type { RunnerLimits } from './input.ts';
import { CONVERSATION_WORKFLOW, RUNNER_TASK_QUEUE } from './names.ts';

/** Temporal asks for it much later; a history of this length is still quickly replayed. */
const LONGEST_HISTORY = 4_000;

/**
 * An agent's conversation with its model: the model is asked, what it calls is done, and so on until it calls nothing.
 * Each question and each call is an activity whose outcome is stored, so that nothing is done again that was done. The
 * words are in the server's database only.
 */
export async function conversation(input: ConversationInput): Promise<AgentExecutionStatus | undefined> {
  const { runner, answers, step: first = 1, ...speaker } = input;
  const activities = activitiesOf(runner);
  for (let step = first; ; step += 1) {
    const { done, calls } = await activities.CallModel({ ...speaker, step });
    if (done) break;
    await allOf(
      calls.map(({ id, task }) => {
        const request = { ...speaker, step, callId: id };
        return task === undefined ? activities.CallTool(request) : doTask(request, task, runner);
      }),
    );
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > LONGEST_HISTORY) {
      await continueAsNew<typeof conversation>({ ...input, step: step + 1 });
    }
  }
  if (answers === undefined) return activities.EndConversation(speaker);
  await activities.EndTask({ ...speaker, answers });
  return undefined;
}

/** Runs the agent's own conversation in an execution, as a child of the execution's workflow. */
export async function converse(
  { executionId, conversation: thread }: Speaker,
  { runner, attempt }: { readonly runner: RunnerLimits; readonly attempt: number },
): Promise<unknown> {
  const { heartbeatTimeoutMs, runTimeoutMs } = runner;
  return executeChild<typeof conversation>(CONVERSATION_WORKFLOW, {
    ...childOptions,
    workflowId: `${executionId}/conversation/${attempt}`,
    workflowExecutionTimeout: runTimeoutMs,
    args: [{ executionId, conversation: thread, runner: { heartbeatTimeoutMs, runTimeoutMs } }],
  });
}

/** Waits for all of them, also where one fails: what the others give is not lost. */
async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(work);
  const errors = ends.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
  const first = errors.find(isCancellation) ?? errors[0];
  if (first !== undefined) throw first;
}

function doTask(
  answers: NonNullable<ConversationInput['answers']>,
  { subAgent, conversation: own }: NonNullable<PlannedCall['task']>,
  runner: ConversationInput['runner'],
): Promise<unknown> {
  const { executionId } = answers;
  return executeChild<typeof conversation>(CONVERSATION_WORKFLOW, {
    ...childOptions,
    workflowId: `${workflowInfo().workflowId}/${own.slice(executionId.length + 1)}`,
    args: [{ executionId, conversation: own, subAgent, runner, answers }],
  });
}

const childOptions = {
  cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
  parentClosePolicy: ParentClosePolicy.TERMINATE,
};

function activitiesOf({ heartbeatTimeoutMs, runTimeoutMs }: ConversationInput['runner']): ModelActivities {
  return proxyActivities<ModelActivities>({
    taskQueue: RUNNER_TASK_QUEUE,
    startToCloseTimeout: runTimeoutMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 10 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}
