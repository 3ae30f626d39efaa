import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { failPointsVariable } from '@token-handshake/service-kit';
import { type GrpcProxy, grpcStatus, type System, startGrpcProxy } from '@token-handshake/test-kit';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

const COMPLETE = 'RespondActivityTaskCompleted';
const BEAT = 'RecordActivityTaskHeartbeat';

let toTemporal: GrpcProxy;
let callerToTemporal: GrpcProxy;
let system: System;
beforeAll(async () => {
  toTemporal = await startGrpcProxy();
  callerToTemporal = await startGrpcProxy();
  system = await startFaultSystem({
    through: { stigmerToTemporal: toTemporal, zigflowToTemporal: callerToTemporal },
    env: { stigmer: { RUNNER_HEARTBEAT_TIMEOUT: '5s' } },
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await callerToTemporal?.[Symbol.asyncDispose]();
  await toTemporal?.[Symbol.asyncDispose]();
});

/** Completions of callers, which carry the callee's name; those of its own workers do not. */
const ofCallers = (request: Buffer) => request.includes('token-handshake/stigmer');

const verdicts = (question: Question) =>
  system
    .query<{ verdict: string }>('select verdict from verdicts where execution_id = ? order by id', [
      question.call()?.id,
    ])
    .map(({ verdict }) => verdict);

const isFinal = (question: Question) =>
  system.query<{ at: number | null }>('select final_at at from executions where id = ?', [
    question.call()?.id,
  ])[0]?.at;

async function pending({ workflow }: Question) {
  const { raw } = await workflow.describe();
  return raw.pendingActivities?.[0];
}

/** The callee's workflow, once it is over. */
async function ended(question: Question): Promise<string> {
  const callee = system.temporal.workflow.getHandle(question.call()?.id ?? '');
  return inTime(async () => {
    const { status } = await callee.describe();
    return status.name !== 'RUNNING' && status.name;
  }, 'the callee’s workflow to end');
}

/** Asks, and has the agent answer while the caller's worker is away and its first attempt has timed out. */
async function answeredBetweenAttempts(): Promise<Question> {
  const question = await ask(system);
  await question.running();
  await inTime(async () => (await pending(question))?.heartbeatDetails, 'the call to be handed off');
  using silence = toTemporal.deny(BEAT, {
    status: grpcStatus.unavailable,
    when: (request) => request.includes('stigmer/call-agent'),
  });
  await system.kill('zigflow');
  await inTime(async () => (await pending(question))?.attempt === 2, 'the first attempt to time out');
  expect(silence.struck).toBeGreaterThan(0);
  await question.answer('the answer');
  await inTime(() => isFinal(question), 'the end of the run to be stored');
  await inTime(() => verdicts(question).includes('unbound'), 'the caller to be found between attempts');
  return question;
}

test('F33 the OK of a completion is lost: the row says delivered, and never that the caller is gone', async () => {
  const question = await ask(system);
  await question.running();
  using lost = toTemporal.loseAnswer(COMPLETE, { times: 1, when: ofCallers });
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(lost.struck).toBe(1);
  expect(question.call()).toMatchObject({ state: 'delivered', generation: 1 });
  expect(await ended(question)).toBe('COMPLETED');
  expect(verdicts(question)).not.toContain('caller_gone');
}, 240_000);

test('F33 every answer to completions is lost: a beat finds out who ended the activity', async () => {
  const question = await ask(system);
  await question.running();
  using lost = toTemporal.loseAnswer(COMPLETE, { when: ofCallers });
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(lost.struck).toBeGreaterThan(0);
  lost.end();
  expect(question.call()).toMatchObject({ state: 'delivered', generation: 1 });
  expect(await ended(question)).toBe('COMPLETED');
  expect(verdicts(question)).not.toContain('caller_gone');
}, 240_000);

test('F34 the worker is killed with the outcome in its hands, before it told Temporal: delivered by token', async () => {
  const question = await answeredBetweenAttempts();
  const file = join(system.folder, 'acknowledged');
  using late = toTemporal.hold(COMPLETE, { when: ofCallers });
  system.env.zigflow[failPointsVariable] = `create-acknowledged=hold:${file}`;
  await system.stack.start('zigflow');
  delete system.env.zigflow[failPointsVariable];
  await inTime(() => existsSync(`${file}.held`), 'the worker to have the outcome');
  expect(question.call()).toMatchObject({ state: 'open', generation: 2 });
  await system.kill('zigflow');
  late.end();
  await system.stack.start('zigflow');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(['delivered', 'collected']).toContain(question.call()?.state);
  expect(await ended(question)).toBe('COMPLETED');
  expect(question.runs()).toHaveLength(1);
}, 240_000);

test('F34 the worker told Temporal, its answer is lost and it is killed: collected', async () => {
  const question = await answeredBetweenAttempts();
  using late = toTemporal.hold(COMPLETE, { when: ofCallers });
  using lost = callerToTemporal.loseAnswer(COMPLETE, { when: (request) => request.includes('the answer') });
  await system.stack.start('zigflow');
  await inTime(() => lost.struck > 0, 'Temporal to have taken the outcome from the worker');
  await system.kill('zigflow');
  expect(question.call()).toMatchObject({ generation: 2 });
  lost.end();
  late.end();
  await system.stack.start('zigflow');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(question.call()?.state).toBe('collected');
  expect(await ended(question)).toBe('COMPLETED');
  expect(question.runs()).toHaveLength(1);
}, 240_000);

test('F41 the outcome is delivered early, then the runner is killed: one result, and no second run', async () => {
  const file = join(system.folder, 'stored');
  system.env.stigmer[failPointsVariable] = `run-stored=hold:${file}`;
  await system.restart('stigmer', 'SIGTERM');
  delete system.env.stigmer[failPointsVariable];
  const question = await ask(system);
  await question.running();
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(existsSync(`${file}.held`)).toBe(true);
  const callee = system.temporal.workflow.getHandle(question.call()?.id ?? '');
  const { status, raw } = await callee.describe();
  expect(status.name).toBe('RUNNING');
  expect(raw.pendingActivities).toMatchObject([{ activityType: { name: 'ExecuteGraphton' }, attempt: 1 }]);

  await system.restart('stigmer');
  expect(await ended(question)).toBe('COMPLETED');
  expect(question.runs()).toHaveLength(1);
  expect(question.call()).toMatchObject({ state: 'delivered', generation: 1 });
  expect(verdicts(question)).toEqual(['delivered']);
  const { events } = await callee.fetchHistory();
  const runs = events?.filter(
    ({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'ExecuteGraphton',
  );
  expect(runs).toHaveLength(1);
}, 240_000);
