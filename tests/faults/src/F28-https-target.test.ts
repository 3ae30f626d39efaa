import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import {
  callAgent,
  failureOf,
  type GrpcProxy,
  grpcStatus,
  processExists,
  type System,
  startGrpcProxy,
  startTcpProxy,
  type TcpProxy,
} from '@token-handshake/test-kit';
import {
  ask,
  endedAttempt,
  expectClosed,
  expectDelivered,
  inTime,
  type Question,
  startFaultSystem,
} from './fault-system.ts';

const CREATE = 'AgentExecutionCommandController/create';
const BEAT = 'RecordActivityTaskHeartbeat';
const COMPLETED = 'RespondActivityTaskCompleted';
const MB = 1024 * 1024;

/** Its caller outlives the restart of a server. */
const patient = callAgent({
  workflowType: 'patient',
  agent: 'file',
  message: '${ $input.file }',
  liveness: '1m',
});

/** The rows of the failure table for a callee that cannot reach its callers' Temporal. */
let rpc: GrpcProxy;
/** The only way to the callers' Temporal, and Zigflow's alone. */
let toTemporal: GrpcProxy;
/** Stigmer's requests to Zigflow, after TLS. */
let callbacks: TcpProxy;
let system: System;
beforeAll(async () => {
  rpc = await startGrpcProxy();
  toTemporal = await startGrpcProxy();
  callbacks = await startTcpProxy();
  system = await startFaultSystem({
    https: true,
    workflows: [patient],
    through: { rpc, zigflowToTemporal: toTemporal, callbacks },
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  for (const proxy of [callbacks, toTemporal, rpc]) await proxy?.[Symbol.asyncDispose]();
});
beforeEach(() => callbacks.pass());

const ofCalls = (request: Buffer) => request.includes('stigmer/call-agent');

interface Binding {
  readonly target: string;
  readonly kid: string;
  readonly fingerprint: string;
}

const binding = (question: Question) =>
  system.query<Binding>(
    `select target, kid, fingerprint from bindings join calls using (execution_id, generation)
     where execution_id = ?`,
    [question.call()?.id],
  )[0];

/** What Zigflow said that it did on the callee's behalf, in order. */
const endings = (question: Question) =>
  system.log
    .lines('zigflow')
    .filter(({ msg }) => msg === 'a callee ended a wait by callback')
    .filter(({ fields }) => fields['workflowId'] === question.workflow.workflowId)
    .map(({ fields }) => fields['verdict']);

async function handedOff(question: Question): Promise<number> {
  const pid = await question.running();
  await inTime(async () => {
    const { raw } = await question.workflow.describe();
    return raw.pendingActivities?.[0]?.heartbeatDetails;
  }, 'the call to be handed off');
  return pid;
}

async function pendingAttempt({ workflow }: Question): Promise<number> {
  const { raw } = await workflow.describe();
  return raw.pendingActivities?.[0]?.attempt ?? 0;
}

/** As {@link expectDelivered}, and through Zigflow's service. */
async function expectCalledBack(question: Question, attempt: number, generation: number): Promise<void> {
  await expectDelivered(question, attempt, generation);
  expect(endings(question)).toContain('delivered');
}

test('F28 the callee has neither a way to its callers’ Temporal nor a key for their tokens', async () => {
  const question = await ask(system);
  await handedOff(question);
  expect(binding(question)).toMatchObject({ target: system.https?.terminator.origin, kid: '' });
  const env = system.env.stigmer;
  expect(env['TEMPORAL_ADDRESS']).toBe(system.https?.calleeTemporal.address);
  expect(JSON.stringify(env)).not.toContain(system.stack.temporal.address);
  expect(JSON.stringify(env)).not.toContain(toTemporal.address);
  const polled = toTemporal.methods();
  expect(polled.some((method) => method.includes('PollActivityTaskQueue'))).toBe(true);
  await expectCalledBack(question, 1, 1);
  const accepted = system.https?.terminator.accepted ?? 0;
  expect(accepted).toBeGreaterThan(0);
  const [{ fingerprint } = { fingerprint: '' }] = [binding(question)].flatMap((each) => each ?? []);
  expect(fingerprint).toMatch(/^[0-9a-f]{12}$/);
}, 240_000);

test('F28 F01 the caller’s worker is killed before it calls create: its second attempt is the first to call', async () => {
  // A worker that has just looked the agent up would not do so again.
  await system.restart('zigflow', 'SIGTERM');
  using held = rpc.hold('getByReference');
  const question = await ask(system);
  await inTime(() => held.holding === 1, 'the worker to look for the agent');
  await system.kill('zigflow');
  expect(question.call()).toBeUndefined();
  held.end();
  await system.stack.start('zigflow');
  await expectCalledBack(question, 2, 1);
}, 240_000);

test('F28 F02 the caller’s worker is killed before the answer to create: its activity is answered all the same', async () => {
  using kept = rpc.holdAnswer(CREATE, { times: 1 });
  const question = await ask(system);
  await inTime(() => kept.holding === 1, 'the callee to have answered');
  expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
  await system.kill('zigflow');
  kept.end();
  await system.stack.start('zigflow');
  await expectCalledBack(question, 1, 1);
}, 240_000);

test('F28 F04 the answer to create is cut: the next try gets the same execution', async () => {
  const before = rpc.counts(CREATE).answered[0] ?? 0;
  using lost = rpc.loseAnswer(CREATE, { times: 1 });
  const question = await ask(system);
  // The agent may end only then: a second try that came after its end would be answered with the result.
  await inTime(() => rpc.counts(CREATE).answered[0] === before + 2, 'the second try to be answered');
  expect(lost.struck).toBe(1);
  await expectCalledBack(question, 1, 1);
}, 240_000);

test('F28 F07 the server is killed while the agent runs: the run goes on with the next one, and its answer is delivered', async () => {
  const question = await ask(system, patient);
  const pid = await handedOff(question);
  await system.restart('stigmer');
  // The embedded runner is part of the server, so its program is begun again.
  await inTime(() => question.runs().length === 2, 'the agent to run again');
  expect(await processExists(pid)).toBe(false);
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBe(1);
  await expectClosed(question, { state: 'delivered', generation: 1 });
}, 240_000);

test('F28 F11 the first attempt times out while the agent runs: the second finds the run, and is completed', async () => {
  const question = await ask(system);
  await question.running();
  using silence = toTemporal.deny(BEAT, { status: grpcStatus.unavailable, when: ofCalls });
  await inTime(async () => (await pendingAttempt(question)) === 2, 'the first attempt to time out');
  expect(silence.struck).toBeGreaterThan(0);
  silence.end();
  await inTime(() => question.call()?.generation === 2, 'the second token to be bound');
  await expectCalledBack(question, 2, 2);
}, 240_000);

test('F28 F12 the agent has answered between two attempts: the next attempt gets the stored answer', async () => {
  const question = await ask(system);
  await handedOff(question);
  using silence = toTemporal.deny(BEAT, { status: grpcStatus.unavailable, when: ofCalls });
  using away = rpc.deny(CREATE, { status: grpcStatus.unavailable });
  await inTime(async () => (await pendingAttempt(question)) >= 2, 'the first attempt to time out');
  await inTime(() => away.struck > 0, 'an attempt that does not reach the callee');
  await question.answer('the answer');
  await inTime(() => endings(question).includes('unbound'), 'the callee to be told that nobody takes it now');
  expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
  silence.end();
  away.end();
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBeGreaterThanOrEqual(2);
  expect(question.runs()).toHaveLength(1);
  await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
  expect(['collected', 'delivered']).toContain(question.call()?.state);
}, 240_000);

describe('cancels', () => {
  const expectStopped = async (question: Question, pid: number, cause: string) => {
    await inTime(async () => !(await processExists(pid)), 'the agent’s program to be gone');
    expect(question.runs()).toEqual([pid]);
    await inTime(() => question.call()?.cancelCause === cause, 'the cause to be written');
  };

  test('F28 F13 the caller’s workflow is cancelled: the run ends, and the caller is told so', async () => {
    const question = await ask(system);
    const pid = await handedOff(question);
    await question.workflow.cancel();
    const error: unknown = await question.workflow.result().catch((reason: unknown) => reason);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    await expectStopped(question, pid, 'caller');
    await expectClosed(question, { state: 'delivered', generation: 1 });
  }, 240_000);

  test('F28 F14 the caller’s workflow is terminated: the run ends', async () => {
    const question = await ask(system);
    const pid = await handedOff(question);
    await question.workflow.terminate();
    await expectStopped(question, pid, 'gone');
    await expectClosed(question, { state: 'caller_gone', generation: 1 });
  }, 240_000);

  test('F28 F15 the execution is cancelled by API: its caller fails, with the reason', async () => {
    const question = await ask(system);
    const pid = await handedOff(question);
    const executionId = question.call()?.id ?? '';
    await system.stigmer.executionCommands.cancel({ executionId, reason: 'too expensive' });
    expect(await failureOf(question.workflow.result())).toMatchObject({
      type: 'AgentExecutionCancelled',
      details: [expect.objectContaining({ cause: 'api' })],
      nonRetryable: true,
    });
    await expectStopped(question, pid, 'api');
    await expectClosed(question, { state: 'delivered', generation: 1 });
  }, 240_000);
});

test('F28 F17 the agent raises: its caller fails with type, message and details, for good', async () => {
  const failure = { type: 'QuotaExceeded', message: 'no quota is left', details: [{ left: 0 }] };
  const question = await ask(system);
  await handedOff(question);
  await question.answer(`FAIL ${JSON.stringify({ error: failure })}`);
  expect(await failureOf(question.workflow.result())).toMatchObject({ ...failure, nonRetryable: true });
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered', generation: 1 });
}, 240_000);

test('F28 F19 a result of 5 MB arrives trimmed, and says so', async () => {
  const question = await ask(system);
  await handedOff(question);
  await question.answer('lorem ipsum '.repeat((5 * MB) / 12));
  expect(await question.workflow.result()).toMatchObject({
    status: { phase: 'EXECUTION_COMPLETED', truncated: { sha256: expect.any(String) } },
  });
  await expectClosed(question, { state: 'delivered', generation: 1 });
}, 240_000);

describe('the OK of the completion is lost', () => {
  test('F28 F33 between Zigflow and its Temporal: the row ends as delivered', async () => {
    const question = await ask(system);
    await handedOff(question);
    using lost = toTemporal.loseAnswer(COMPLETED, { times: 1, when: ofCalls });
    await question.answer('the answer');
    expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
    expect(lost.struck).toBe(1);
    await expectClosed(question, { state: 'delivered', generation: 1 });
  }, 240_000);

  test('F28 F33 between Zigflow and the callee: the row ends as delivered', async () => {
    const question = await ask(system);
    await handedOff(question);
    callbacks.hold('toClient');
    await question.answer('the answer');
    expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
    await inTime(() => endings(question).includes('delivered'), 'Zigflow to have completed it');
    expect(question.call()).toMatchObject({ state: 'open' });
    callbacks.cut();
    callbacks.pass();
    await expectClosed(question, { state: 'delivered', generation: 1 });
    // Its next try, or a heartbeat, was told that this callee ended the wait; it was ended once.
    expect(endings(question).filter((verdict) => verdict === 'delivered')).toHaveLength(1);
  }, 240_000);
});

test('F28 Zigflow is away when create has to be checked: nothing is stored, and a later try is taken in', async () => {
  const before = system.query<{ n: number }>('select count(*) n from executions')[0]?.n;
  callbacks.refuse();
  const question = await ask(system);
  await inTime(() => rpc.counts(CREATE).answered[grpcStatus.unavailable], 'a create to be put off');
  expect(system.query<{ n: number }>('select count(*) n from executions')[0]?.n).toBe(before);
  callbacks.pass();
  await question.running();
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  await expectClosed(question, { state: 'delivered', generation: 1 });
}, 240_000);
