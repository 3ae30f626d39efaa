import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  failureOf,
  type GrpcProxy,
  grpcStatus,
  type System,
  startGrpcProxy,
  writeWhole,
} from '@token-handshake/test-kit';
import { startExistingCaller } from '@token-handshake/test-kit/workers';
import { ask, endedAttempt, expectClosed, inTime, type Question, startFaultSystem } from './fault-system.ts';

const CREATE = 'AgentExecutionCommandController/create';
const BEAT = 'RecordActivityTaskHeartbeat';
const COMPLETE = 'RespondActivityTaskCompleted';
const MB = 1024 * 1024;

let rpc: GrpcProxy;
let toTemporal: GrpcProxy;
let system: System;
beforeAll(async () => {
  rpc = await startGrpcProxy();
  toTemporal = await startGrpcProxy();
  system = await startFaultSystem({
    through: { rpc, stigmerToTemporal: toTemporal },
    anonymousListener: true,
    env: { stigmer: { RAW_TOKENS: 'allow', CALLBACK_ACTIVITY_TYPES: 'CallAgentActivity' } },
  });
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await toTemporal?.[Symbol.asyncDispose]();
  await rpc?.[Symbol.asyncDispose]();
});

/** No beat of a caller's activity gets through; those of runners do. */
const denyBeats = () =>
  toTemporal.deny(BEAT, {
    status: grpcStatus.unavailable,
    when: (message) => message.includes('stigmer/call-agent'),
  });

async function pendingAttempt({ workflow }: Question): Promise<number> {
  const { raw } = await workflow.describe();
  return raw.pendingActivities?.[0]?.attempt ?? 0;
}

test('F11 the first attempt times out while the agent runs: the second finds the run, and is completed', async () => {
  const question = await ask(system);
  await question.running();
  using silence = denyBeats();
  await inTime(async () => (await pendingAttempt(question)) >= 2, 'the first attempt to time out');
  expect(silence.struck).toBeGreaterThan(0);
  silence.end();
  await inTime(() => question.call()?.generation === 2, 'the second token to be bound');
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(await endedAttempt(question.workflow)).toBe(2);
  expect(question.runs()).toHaveLength(1);
  await expectClosed(question, { state: 'delivered', generation: 2 });
}, 240_000);

describe('runs that end between two attempts of their callers', () => {
  const failure = { type: 'QuotaExceeded', message: 'no quota is left', details: [{ left: 0 }] };
  const ends: Readonly<Record<string, (question: Question) => Promise<unknown>>> = {
    answers: (question) => question.answer('the answer'),
    fails: (question) => question.answer(`FAIL ${JSON.stringify({ error: failure })}`),
    isCancelled: (question) =>
      system.stigmer.executionCommands.cancel({
        executionId: question.call()?.id ?? '',
        reason: 'not needed',
      }),
    answersAtLength: (question) => question.answer('lorem ipsum '.repeat((5 * MB) / 12)),
  };
  const byToken: Record<string, unknown> = {};
  const collected: Record<string, unknown> = {};
  const questions: Record<string, Question> = {};

  beforeAll(async () => {
    for (const [name, end] of Object.entries(ends)) {
      const question = await ask(system);
      await question.running();
      await end(question);
      byToken[name] = await outcomeOf(question);
    }
    for (const name of Object.keys(ends)) {
      const question = await ask(system);
      await question.running();
      await inTime(async () => {
        const { raw } = await question.workflow.describe();
        return raw.pendingActivities?.[0]?.heartbeatDetails;
      }, 'the call to be handed off');
      questions[name] = question;
    }
    using silence = denyBeats();
    using away = rpc.deny(CREATE, { status: grpcStatus.unavailable });
    for (const question of Object.values(questions)) {
      await inTime(async () => (await pendingAttempt(question)) >= 2, 'the first attempt to time out');
    }
    await inTime(() => away.struck > 0, 'an attempt that does not reach the callee');
    expect(silence.struck).toBeGreaterThan(0);
    for (const [name, end] of Object.entries(ends)) await end(questions[name] as Question);
    for (const question of Object.values(questions)) {
      await inTime(() => isFinal(question), 'the end of the run to be stored');
      expect(question.call()).toMatchObject({ state: 'open', generation: 1 });
    }
    silence.end();
    away.end();
    for (const [name, question] of Object.entries(questions)) collected[name] = await outcomeOf(question);
  }, 480_000);

  const isFinal = (question: Question) =>
    system.query<{ at: number | null }>('select final_at at from executions where id = ?', [
      question.call()?.id,
    ])[0]?.at !== null;

  /** What a caller got, without what differs between any two calls. */
  async function outcomeOf({ workflow }: Question): Promise<unknown> {
    try {
      const { status } = (await workflow.result()) as { status: Record<string, unknown> };
      const { phase, output, error, failure: failed } = status;
      return { phase, output, error, failed, truncated: 'truncated' in status };
    } catch (error) {
      return failureOf(Promise.reject(error));
    }
  }

  async function expectCollected(name: string): Promise<void> {
    const question = questions[name] as Question;
    expect(await endedAttempt(question.workflow)).toBeGreaterThanOrEqual(2);
    expect(question.runs()).toHaveLength(1);
    await inTime(() => question.call()?.state !== 'open', 'the row to be closed');
    expect(['collected', 'delivered']).toContain(question.call()?.state);
    expect(collected[name]).toEqual(byToken[name]);
  }

  test('F12 the agent has answered: the next attempt gets the stored answer', async () => {
    expect(collected['answers']).toMatchObject({ phase: 'EXECUTION_COMPLETED', output: 'the answer' });
    await expectCollected('answers');
  }, 240_000);

  test('F32 the agent has failed: the next attempt fails as by token', async () => {
    expect(collected['fails']).toMatchObject({ ...failure, nonRetryable: true });
    await expectCollected('fails');
  }, 240_000);

  test('F32 the execution was cancelled: the next attempt fails as by token', async () => {
    expect(collected['isCancelled']).toMatchObject({ type: 'AgentExecutionCancelled', nonRetryable: true });
    await expectCollected('isCancelled');
  }, 240_000);

  test('F32 the answer has 5 MB: the next attempt gets what it would have got by token', async () => {
    expect(collected['answersAtLength']).toMatchObject({ phase: 'EXECUTION_COMPLETED', truncated: true });
    await expectCollected('answersAtLength');
  }, 240_000);
});

test('F35 a caller that reads only the id meets a finished run, of a server that was killed since: completed by token', async () => {
  const ended = Promise.withResolvers<void>();
  using cleanup = new DisposableStack();
  cleanup.defer(ended.resolve);
  await using caller = await startExistingCaller(system, {
    // The connection breaks with the server.
    afterCreate: async (attempt) => {
      if (attempt > 1) return;
      await ended.promise;
      throw new Error('read: connection reset by peer');
    },
  });
  const file = join(system.folder, 'existing');
  const started = await caller.start({ call: { agent: 'file', message: file } });
  const row = () =>
    system.query<{ id: string; state: string; generation: number; finalAt: number | null }>(
      `select execution_id id, state, generation, final_at finalAt from calls
       join executions on executions.id = calls.execution_id where instr(request, ?) > 0`,
      [Buffer.from(file)],
    )[0];
  await inTime(() => row()?.generation === 1, 'the first attempt to be taken in');
  // The first attempt is still pending: its token would be taken.
  using unreached = toTemporal.deny(COMPLETE, {
    status: grpcStatus.unavailable,
    when: (message) => message.includes('token-handshake/stigmer'),
  });
  await writeWhole(file, 'the answer');
  await inTime(() => row()?.finalAt, 'the end of the run to be stored');
  await system.restart('stigmer');
  ended.resolve();
  await inTime(() => row()?.generation === 2, 'the second attempt to be taken in');
  expect(row()).toMatchObject({ state: 'open' });
  unreached.end();
  expect(await started.result()).toMatchObject({
    metadata: { id: row()?.id },
    status: { output: 'the answer' },
  });
  await inTime(() => row()?.state !== 'open', 'the row to be closed');
  expect(row()).toMatchObject({ state: 'delivered', generation: 2 });
}, 240_000);
