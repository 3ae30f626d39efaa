import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { failureOf, type GrpcProxy, type System, startGrpcProxy } from '@token-handshake/test-kit';
import { ask, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

let toTemporal: GrpcProxy;
let system: System;
beforeAll(async () => {
  toTemporal = await startGrpcProxy();
  system = await startFaultSystem({ through: { stigmerToTemporal: toTemporal } });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await toTemporal?.[Symbol.asyncDispose]();
});

const workflowOf = (id: string) => system.temporal.workflow.getHandle(id);

async function statusOf(id: string): Promise<string> {
  return (await workflowOf(id).describe()).status.name;
}

async function running(): Promise<{ question: Question; id: string }> {
  const question = await ask(system);
  await question.running();
  await inTime(async () => {
    const { raw } = await question.workflow.describe();
    return raw.pendingActivities?.[0]?.heartbeatDetails;
  }, 'the call to be handed off');
  return { question, id: question.call()?.id ?? '' };
}

/** The sweep did this about the execution, after the mark. */
const swept = (id: string, action: string, from: number) =>
  system.log.waitFor(
    'stigmer',
    ({ fields, msg }) =>
      msg.startsWith('put right') && fields['executionId'] === id && fields['action'] === action,
    { from, timeoutMs: 60_000 },
  );

test('F16 the callee’s workflow is terminated while its agent runs: the caller is told', async () => {
  const { question, id } = await running();
  const from = system.log.mark();
  await workflowOf(id).terminate('an operator’s mistake');
  expect(await statusOf(id)).toBe('TERMINATED');
  expect(await failureOf(question.workflow.result())).toMatchObject({
    type: 'AgentExecutionTerminated',
    nonRetryable: true,
  });
  await swept(id, 'ended_terminated', from);
  await expectClosed(question, { state: 'delivered' });
}, 240_000);

test('F40 the callee’s workflow is terminated when the end is stored and not delivered: it is delivered', async () => {
  const { question, id } = await running();
  // No completion gets through: neither the runner’s to its workflow, nor that of the caller.
  const held = toTemporal.hold('RespondActivityTaskCompleted');
  await question.answer('stored before');
  await inTime(
    () => system.query('select 1 from executions where id = ? and final_at is not null', [id])[0],
    'the end to be stored',
  );
  await workflowOf(id).terminate('an operator’s mistake');
  expect(await statusOf(id)).toBe('TERMINATED');
  expect(question.call()).toMatchObject({ state: 'open' });
  held.end();
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'stored before' } });
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered' });
}, 240_000);

test('F48 the callee’s workflow is gone from Temporal: the caller is told that its run is lost', async () => {
  const { question, id } = await running();
  await system.kill('stigmer');
  const { workflowService, options } = system.temporal;
  const workflowExecution = { workflowId: id };
  await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
  await inTime(
    () =>
      workflowOf(id)
        .describe()
        .then(
          () => false,
          (error: Error) => error.name === 'WorkflowNotFoundError',
        ),
    'the workflow to be gone',
  );
  const from = system.log.mark();
  await system.stack.start('stigmer');
  expect(await failureOf(question.workflow.result())).toMatchObject({
    type: 'AgentExecutionLost',
    nonRetryable: true,
  });
  await swept(id, 'ended_lost', from);
  await expectClosed(question, { state: 'delivered' });
}, 240_000);

test('F56 an operator resets the callee’s workflow: the first result stays', async () => {
  const { question, id } = await running();
  await question.answer('the first');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the first' } });
  await workflowOf(id).result();
  await question.answer('the second');
  const { events } = await workflowOf(id).fetchHistory();
  const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  const { workflowService, options } = system.temporal;
  await workflowService.resetWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId: id },
    reason: 'once more',
    workflowTaskFinishEventId: completed?.eventId ?? null,
    requestId: randomUUID(),
  });
  // Without a run id it is the newest run.
  expect(await workflowOf(id).result()).toMatchObject({ phase: 'completed', verdict: 'duplicate' });
  const { status } = await system.stigmer.executions.get({ value: id });
  expect(status?.output).toBe('the first');
  await expectClosed(question, { state: 'delivered' });
}, 240_000);
