import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import {
  agent,
  answersWhenFileExists,
  echo,
  eventually,
  fails,
  failureOf,
  type System,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';
import {
  type CallAgentHooks,
  type ExistingCaller,
  GrpcError,
  startExistingCaller,
} from '@token-handshake/test-kit/workers';

const SECRET = 'open-sesame-1729';
const INVALID_ARGUMENT = 3;
const NOW = 1_767_225_600_000;
const files = { timesOut: '', between: '' };
let system: System;
let caller: ExistingCaller;
/** What the test at hand does around its calls. */
let hooks: CallAgentHooks = {};

beforeAll(async () => {
  system = await startSystem({
    services: ['stigmer'],
    anonymousListener: true,
    agents: (folder) => {
      files.timesOut = join(folder, 'times-out');
      files.between = join(folder, 'between');
      return [
        agent({ slug: 'echo', runtime: echo('heard: ') }),
        agent({ slug: 'fails', runtime: fails('out of paper', 3) }),
        agent({ slug: 'times-out', runtime: answersWhenFileExists(files.timesOut) }),
        agent({ slug: 'between', runtime: answersWhenFileExists(files.between) }),
      ];
    },
    env: { stigmer: { RAW_TOKENS: 'allow', CALLBACK_ACTIVITY_TYPES: 'CallAgentActivity' } },
  });
  caller = await startExistingCaller(system, {
    now: () => NOW,
    beforeCreate: (...call) => hooks.beforeCreate?.(...call),
    afterCreate: (...call) => hooks.afterCreate?.(...call),
    onError: (error) => hooks.onError?.(error),
  });
}, 120_000);
afterEach(() => {
  hooks = {};
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

/** The executions of an agent, with what the ledger says of each. */
const callsOf = (slug: string) =>
  system.query<{ execution_id: string; state: string; generation: number }>(
    `select execution_id, state, generation from calls
     join executions on executions.id = calls.execution_id join agents on agents.id = executions.agent_id
     where agents.slug = ?`,
    [slug],
  );

/** The row is closed right after the caller is told. */
const closedCallsOf = (slug: string) =>
  eventually(() => {
    const calls = callsOf(slug);
    return calls.every(({ state }) => state !== 'open') && calls;
  });

test('E16 the existing caller gets the final execution as free-form JSON, though it shares its name with another', async () => {
  const env = { COLOUR: { value: 'green' }, API_KEY: { value: SECRET, isSecret: true } };
  const started = await Promise.all(
    ['one', 'two'].map((message) => caller.start({ call: { agent: 'echo', message, env } })),
  );
  const results = await Promise.all(started.map((workflow) => workflow.result()));
  for (const [i, message] of ['one', 'two'].entries()) {
    expect(results[i]).toMatchObject({
      apiVersion: 'agentic.stigmer.ai/v1',
      kind: 'AgentExecution',
      metadata: { id: expect.stringMatching(/^aex_/), name: 'echo-execution-1767225600' },
      spec: { message, runtimeEnv: { COLOUR: { value: 'green' } } },
      status: { phase: 'EXECUTION_COMPLETED', output: `heard: ${message}` },
    });
  }
  expect(JSON.stringify(results)).not.toContain('callbackToken');
  expect(JSON.stringify(results)).not.toContain(SECRET);
  expect(new Set(callsOf('echo').map((call) => call.execution_id)).size).toBe(2);

  for (const workflow of started) {
    const { events } = await workflow.fetchHistory();
    const completed = events?.flatMap((event) => event.activityTaskCompletedEventAttributes ?? []);
    expect(completed).toHaveLength(1);
    const [payload, ...others] = completed?.[0]?.result?.payloads ?? [];
    expect(others).toEqual([]);
    expect(Buffer.from(payload?.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
    expect(Object.keys(payload?.metadata ?? {})).not.toContain('messageType');
  }
});

test('E16 a run that fails is a failure at once: the existing caller’s five attempts are not used up', async () => {
  const started = await caller.start({ call: { agent: 'fails', message: 'go' } });
  expect(await failureOf(started.result())).toMatchObject({
    type: 'AgentCommandFailed',
    message: expect.stringContaining('out of paper'),
    nonRetryable: true,
  });
  expect(await closedCallsOf('fails')).toMatchObject([{ generation: 1, state: 'delivered' }]);
});

test('E16 an attempt times out while the agent runs: the next one’s create finds the same run, and is answered', async () => {
  const attempts: number[] = [];
  hooks = { afterCreate: (attempt) => void attempts.push(attempt) };
  const started = await caller.start({
    call: { agent: 'times-out', message: 'go' },
    startToCloseTimeout: 4_000,
  });
  await eventually(() => attempts.includes(2), { what: 'the second attempt to be handed off' });
  await writeWhole(files.timesOut, 'the answer');
  expect(await started.result()).toMatchObject({ status: { output: 'the answer' } });

  expect(await closedCallsOf('times-out')).toMatchObject([
    { state: 'delivered', generation: attempts.length },
  ]);
  expect((await readFile(`${files.timesOut}.started`, 'utf8')).trim().split('\n')).toHaveLength(1);
});

test('E16 the run ends between two attempts: the second, which reads only the id, is completed by its token', async () => {
  const ended = Promise.withResolvers<void>();
  using cleanup = new DisposableStack();
  cleanup.defer(ended.resolve);
  hooks = {
    afterCreate: (attempt) => {
      if (attempt === 1) throw new Error('read: connection reset by peer');
    },
    beforeCreate: async (attempt) => {
      if (attempt > 1) await ended.promise;
    },
  };
  const started = await caller.start({ call: { agent: 'between', message: 'go' } });
  const id = await eventually(() => callsOf('between')[0]?.execution_id);
  await writeWhole(files.between, 'the answer');
  await eventually(async () => {
    const { status } = await system.stigmer.executions.get({ value: id });
    return status?.phase === ExecutionPhase.EXECUTION_COMPLETED;
  });
  ended.resolve();
  expect(await started.result()).toMatchObject({ metadata: { id }, status: { output: 'the answer' } });
  expect(await closedCallsOf('between')).toEqual([{ execution_id: id, state: 'delivered', generation: 2 }]);
});

test('E16 a raw token of another activity type is refused by name, and nothing is stored', async () => {
  const before = system.query('select count(*) n from executions');
  const errors: unknown[] = [];
  hooks = { onError: (error) => void errors.push(error) };
  const started = await caller.start({
    call: { agent: 'echo', message: 'go' },
    activityType: 'SomeOtherActivity',
  });
  await expect(started.result()).rejects.toMatchObject({
    cause: { cause: { message: expect.stringContaining('TOKEN_ACTIVITY_NOT_ALLOWED') } },
  });
  // Every error is worth another try to this caller.
  expect(errors).toHaveLength(5);
  for (const error of errors) {
    expect(error).toBeInstanceOf(GrpcError);
    const { status, trailers } = error as GrpcError;
    expect([status, trailers['error-code']]).toEqual([INVALID_ARGUMENT, 'TOKEN_ACTIVITY_NOT_ALLOWED']);
  }
  expect(system.query('select count(*) n from executions')).toEqual(before);
});
