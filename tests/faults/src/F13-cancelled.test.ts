import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { failureOf, processExists, type System } from '@token-handshake/test-kit';
import { ask, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

let system: System;
beforeAll(async () => {
  system = await startFaultSystem();
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Expects that the agent's program is gone, that it was the only one, and what is stored and told. */
async function expectCancelled(question: Question, pid: number, cause: string): Promise<void> {
  await inTime(async () => !(await processExists(pid)), 'the agent’s program to be gone');
  expect(question.runs()).toEqual([pid]);
  await expectClosed(question, { state: 'delivered', cancelCause: cause });
}

async function handedOff(question: Question): Promise<number> {
  const pid = await question.running();
  await inTime(async () => {
    const { raw } = await question.workflow.describe();
    return raw.pendingActivities?.[0]?.heartbeatDetails;
  }, 'the call to be handed off');
  expect(await processExists(pid)).toBe(true);
  return pid;
}

test('F13 the caller’s workflow is cancelled: the run ends, its program too, and the caller is told why', async () => {
  const question = await ask(system);
  const pid = await handedOff(question);
  await question.workflow.cancel();
  const error: unknown = await question.workflow.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  await expectCancelled(question, pid, 'caller');

  const { status } = await system.stigmer.executions.get({ value: question.call()?.id ?? '' });
  expect(status?.phase).toBe(ExecutionPhase.EXECUTION_CANCELLED);
  // The activity's own end says it in the words of the callee.
  const { events } = await question.workflow.fetchHistory();
  const cancelled = events?.flatMap((event) => event.activityTaskCanceledEventAttributes ?? []);
  expect(cancelled).toHaveLength(1);
  const [details] = cancelled?.[0]?.details?.payloads ?? [];
  expect(JSON.parse(Buffer.from(details?.data ?? []).toString())).toMatchObject({ cause: 'caller' });
}, 240_000);

test('F15 the execution is cancelled by API: its caller fails, with the reason', async () => {
  const question = await ask(system);
  const pid = await handedOff(question);
  const executionId = question.call()?.id ?? '';
  await system.stigmer.executionCommands.cancel({ executionId, reason: 'too expensive' });
  expect(await failureOf(question.workflow.result())).toMatchObject({
    type: 'AgentExecutionCancelled',
    details: [{ cause: 'api', message: 'too expensive' }],
    nonRetryable: true,
  });
  await expectCancelled(question, pid, 'api');
}, 240_000);

test('F49 the execution is deleted while its caller waits: the run ends, and the caller is told', async () => {
  const question = await ask(system);
  const pid = await handedOff(question);
  const value = question.call()?.id ?? '';
  await system.stigmer.executionCommands.delete({ value });
  expect(await failureOf(question.workflow.result())).toMatchObject({
    type: 'AgentExecutionCancelled',
    details: [{ cause: 'api', message: 'the execution was deleted' }],
  });
  await expectCancelled(question, pid, 'api');
  await expect(system.stigmer.executions.get({ value })).rejects.toThrow(/not.found/i);
}, 240_000);
