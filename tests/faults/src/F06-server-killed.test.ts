import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failPointsVariable } from '@token-handshake/service-kit';
import {
  failureOf,
  type GrpcProxy,
  type System,
  startGrpcProxy,
  writeWhole,
} from '@token-handshake/test-kit';
import { ask, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

const START = 'StartWorkflowExecution';
const CREATE = 'AgentExecutionCommandController/create';

let rpc: GrpcProxy;
let toTemporal: GrpcProxy;
let system: System;
beforeAll(async () => {
  rpc = await startGrpcProxy();
  toTemporal = await startGrpcProxy();
  system = await startFaultSystem({ through: { rpc, stigmerToTemporal: toTemporal } });
}, 240_000);
afterEach(() => {
  delete system.env.stigmer[failPointsVariable];
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await toTemporal?.[Symbol.asyncDispose]();
  await rpc?.[Symbol.asyncDispose]();
});

/** Starts the server anew with fail points; the start after that one has none. */
async function arm(failPoints: string) {
  system.env.stigmer[failPointsVariable] = failPoints;
  const service = await system.restart('stigmer', 'SIGTERM');
  delete system.env.stigmer[failPointsVariable];
  return service;
}

async function expectAnswered(question: Question): Promise<void> {
  await question.running();
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered' });
}

const swept = (id: string | undefined, from: number) =>
  system.log.waitFor(
    'stigmer',
    (line) => line.fields['executionId'] === id && line.msg.startsWith('put right'),
    {
      from,
      timeoutMs: 60_000,
    },
  );

test('F06 the server is killed between commit and start: the sweep of the next one starts the run', async () => {
  const armed = await arm('create-committed=kill');
  const question = await ask(system);
  expect(await armed.ended).toBe('signal SIGKILL');
  const { id, startedAt } = question.call() ?? {};
  expect(startedAt).toBeNull();
  await expect(system.temporal.workflow.getHandle(id ?? '').describe()).rejects.toThrow(/not found/i);

  const from = system.log.mark();
  await system.stack.start('stigmer');
  expect((await swept(id, from)).fields).toMatchObject({ action: 'started' });
  await expectAnswered(question);
}, 240_000);

test('F43 a cancel before the workflow is started: the agent never runs', async () => {
  const go = join(system.folder, 'go');
  await arm(`create-committed=hold:${go}`);
  const question = await ask(system);
  await inTime(() => existsSync(`${go}.held`), 'the create to be held after its commit');
  const executionId = question.call()?.id ?? '';
  await system.stigmer.executionCommands.cancel({ executionId, reason: 'not needed' });
  await expect(system.temporal.workflow.getHandle(executionId).describe()).rejects.toThrow(/not found/i);
  await writeFile(go, '');
  expect(await failureOf(question.workflow.result())).toMatchObject({
    type: 'AgentExecutionCancelled',
    details: [{ cause: 'api', message: 'not needed' }],
  });
  expect(question.runs()).toEqual([]);
}, 240_000);

test('F43 the server is killed between the wish to cancel and the cancel: the run ends after the restart', async () => {
  const armed = await arm('cancel-recorded=kill');
  const question = await ask(system);
  await question.running();
  await question.workflow.cancel();
  expect(await armed.ended).toBe('signal SIGKILL');
  const { id = '', cancelCause, state } = question.call() ?? {};
  expect({ cancelCause, state }).toEqual({ cancelCause: 'caller', state: 'open' });
  expect(await pendingCancel(id)).toBe(false);
  await system.stack.start('stigmer');
  await expect(question.workflow.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
}, 240_000);

test('F43 the server is killed between the verdict that its caller is gone and the cancel: the run ends after the restart', async () => {
  const armed = await arm('cancel-recorded=kill');
  const question = await ask(system);
  await question.running();
  await question.workflow.terminate('an experiment');
  expect(await armed.ended).toBe('signal SIGKILL');
  const { id = '', cancelCause, state } = question.call() ?? {};
  expect({ cancelCause, state }).toEqual({ cancelCause: 'gone', state: 'caller_gone' });
  expect(await pendingCancel(id)).toBe(false);
  await system.stack.start('stigmer');
  const callee = system.temporal.workflow.getHandle(id);
  await inTime(
    async () => (await callee.describe()).status.name !== 'RUNNING',
    'the callee’s workflow to end',
  );
  expect(await pendingCancel(id)).toBe(true);
}, 240_000);

/** Whether the callee's workflow was asked to cancel. */
async function pendingCancel(id: string): Promise<boolean> {
  const { events } = await system.temporal.workflow.getHandle(id).fetchHistory();
  return events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes) ?? false;
}

test('F47 the callee’s Temporal is down at create: it is acknowledged, and the sweep starts one run later', async () => {
  const from = system.log.mark();
  const before = toTemporal.counts(START).forwarded;
  const creates = rpc.counts(CREATE);
  toTemporal.refuse();
  const question = await ask(system);
  await inTime(async () => {
    const { raw } = await question.workflow.describe();
    return raw.pendingActivities?.[0]?.heartbeatDetails;
  }, 'the call to be acknowledged');
  expect(toTemporal.connections).toBe(0);
  // The first try is acknowledged: a second one would find what is committed.
  expect(rpc.counts(CREATE).received).toBe(creates.received + 1);
  expect(rpc.counts(CREATE).answered[0]).toBe((creates.answered[0] ?? 0) + 1);
  expect(question.call()).toMatchObject({ state: 'open', startedAt: null });
  expect(toTemporal.counts(START).forwarded).toBe(before);

  toTemporal.pass();
  expect((await swept(question.call()?.id, from)).fields).toMatchObject({ action: 'started' });
  await expectAnswered(question);
}, 240_000);

test('F21 without a token the agent runs, nobody is completed, and the log says so, across a kill', async () => {
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'file', kind: 40 });
  const armed = await arm('create-committed=kill');
  const file = join(system.folder, 'without-a-token');
  await writeWhole(file, 'the answer');
  await expect(
    system.stigmer.executionCommands.create(
      { metadata: { name: 'no-token' }, spec: { agentId: metadata?.id ?? '', message: file } },
      { headers: { 'Idempotency-Key': 'without-a-token' } },
    ),
  ).rejects.toThrow();
  expect(await armed.ended).toBe('signal SIGKILL');
  const [row] = system.query<{ id: string }>('select id from executions where instr(request, ?) > 0', [
    Buffer.from(file),
  ]);
  const id = row?.id ?? '';
  await system.stack.start('stigmer');
  expect(
    await inTime(() => system.temporal.workflow.getHandle(id).result(), 'the workflow to end'),
  ).toMatchObject({ phase: 'completed', verdict: 'skipped' });
  await system.log.waitFor(
    'stigmer',
    (line) => line.msg === 'no callback token: no completion' && line.text.includes(id),
  );
  const { status } = await system.stigmer.executions.get({ value: id });
  expect(status?.output).toBe('the answer');
  expect(system.query('select state from calls where execution_id = ?', [id])).toEqual([
    { state: 'skipped' },
  ]);
}, 240_000);
