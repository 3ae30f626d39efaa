import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { agent, callAgent, failureOf, type System, writeWhole } from '@token-handshake/test-kit';
import { endedAttempt, inTime, startFaultSystem } from './fault-system.ts';
import { type RunnerProcess, startRunner } from './start-runner.ts';

const external = callAgent({ workflowType: 'external', agent: 'external', liveness: '15s' });

let system: System;
let runner: RunnerProcess;
beforeAll(async () => {
  system = await startFaultSystem({
    agents: [agent({ slug: 'external' })],
    workflows: [external],
    env: {
      stigmer: {
        EMBEDDED_RUNNER: 'false',
        RUNNER_MAX_ATTEMPTS: '2',
        RUNNER_HEARTBEAT_TIMEOUT: '10s',
        RUNNER_CANCEL_GRACE: '3s',
      },
    },
  });
}, 240_000);
beforeEach(async () => {
  runner = await startRunner(system);
}, 120_000);
afterEach(async () => {
  await runner?.[Symbol.asyncDispose]();
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** The one call with this message: its row. */
const callOf = (message: string) =>
  system.query<{ id: string; state: string; beat: number; cause: string | null }>(
    `select execution_id id, state, coalesce(last_beat_at, 0) beat, cancel_cause cause from calls
     join executions on executions.id = calls.execution_id where instr(request, ?) > 0`,
    [Buffer.from(message)],
  )[0];

async function asked() {
  const file = join(system.folder, randomUUID());
  const message = `answer ${file}`;
  const workflow = await system.start(external, { text: message });
  await inTime(() => runner.given(message) === 1, 'the runner to be given the execution');
  return { file, message, workflow };
}

test('F07 the server is killed while the agent runs: the run goes on, beats resume, its answer is delivered', async () => {
  const { file, message, workflow } = await asked();
  await inTime(() => (callOf(message)?.beat ?? 0) > 0, 'a first beat');
  await system.kill('stigmer');
  const before = callOf(message)?.beat ?? 0;
  await system.stack.start('stigmer');
  await inTime(() => (callOf(message)?.beat ?? 0) > before, 'a beat from the new process');
  await writeWhole(file, 'the answer');
  expect(await workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  // The same run from before the kill, for the caller's first attempt.
  expect(runner.given(message)).toBe(1);
  expect(await endedAttempt(workflow)).toBe(1);
  await inTime(() => callOf(message)?.state === 'delivered', 'the row to say so');
}, 240_000);

test('F08 the runner is killed while the agent runs: another one runs it again, and its answer is delivered', async () => {
  const { file, message, workflow } = await asked();
  await runner.kill();
  await writeWhole(file, 'the answer');
  runner = await startRunner(system);
  expect(await workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(runner.given(message)).toBe(1);
  expect(await endedAttempt(workflow)).toBe(1);
  await inTime(() => callOf(message)?.state === 'delivered', 'the row to say so');
}, 240_000);

test.each([
  ['refuse', 'for good: it is not asked again', 1],
  ['raise', 'as it may for a while: it is asked as often as is allowed', 2],
])(
  'F17 the agent raises, marked by %s (%s): the caller gets type, message and details',
  async (verb, _how, runs) => {
    const message = `${verb} no quota is left`;
    const workflow = await system.start(external, { text: message });
    expect(await failureOf(workflow.result())).toEqual({
      type: 'QuotaExceeded',
      message: 'no quota is left',
      details: [{ left: 0 }],
      nonRetryable: true,
    });
    expect(runner.given(message)).toBe(runs);
    // The caller's activity was not tried again in either case: a stored end stays.
    expect(await endedAttempt(workflow)).toBe(1);
    await inTime(() => callOf(message)?.state === 'delivered', 'the row to say so');
  },
  240_000,
);

test('F18 a runner returns FAILED without an error: each of its attempts is a failure, and so is the call', async () => {
  const message = 'fail the tool server did not answer';
  const workflow = await system.start(external, { text: message });
  expect(await failureOf(workflow.result())).toMatchObject({
    type: 'AgentExecutionFailed',
    message: expect.stringContaining('the tool server did not answer'),
    nonRetryable: true,
  });
  expect(runner.given(message)).toBe(2);
  const { status } = await system.stigmer.executions.get({ value: callOf(message)?.id ?? '' });
  expect(status?.phase).toBe(ExecutionPhase.EXECUTION_FAILED);
  // The caller's Temporal shows a failed activity, not a completed one that tells of a failure.
  const { events } = await workflow.fetchHistory();
  expect(events?.filter((event) => event.activityTaskFailedEventAttributes)).toHaveLength(1);
  expect(events?.filter((event) => event.activityTaskCompletedEventAttributes)).toHaveLength(0);
}, 240_000);

test('F54 a runner ignores the cancel: the caller is told after the time to stop, and a late answer changes nothing', async () => {
  const { file, message, workflow } = await asked();
  const { id = '' } = callOf(message) ?? {};
  await system.stigmer.executionCommands.cancel({ executionId: id, reason: 'enough' });
  expect(await failureOf(workflow.result())).toMatchObject({ type: 'AgentExecutionCancelled' });
  expect(runner.answered(message)).toBe(0);
  await inTime(() => callOf(message)?.state === 'delivered', 'the row to be closed');
  const before = await system.stigmer.executions.get({ value: id });
  expect(before.status?.phase).toBe(ExecutionPhase.EXECUTION_CANCELLED);

  // It runs until now, and answers as if nothing had been said.
  await system.stigmer.executionCommands.updateStatus({
    executionId: id,
    status: { phase: ExecutionPhase.EXECUTION_IN_PROGRESS, messages: [{ content: 'still at it' }] },
  });
  await writeWhole(file, 'too late');
  await inTime(() => runner.answered(message) === 1, 'the runner to have answered');
  const after = await system.stigmer.executions.get({ value: id });
  expect(after.status).toEqual(before.status);
}, 240_000);
