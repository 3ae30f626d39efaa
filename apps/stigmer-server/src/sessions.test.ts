import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentExecution, ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { apiKeyEntry, makeApiKey } from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { eventually } from './testing/eventually.suite.ts';
import {
  answer,
  type ScriptedRunner,
  startScriptedRunner,
  untilCancelled,
} from './testing/scripted-runner.suite.ts';
import {
  startTestStigmer,
  type TestClients,
  type TestStigmer,
  testClients,
} from './testing/test-stigmer.suite.ts';

const { EXECUTION_CANCELLED, EXECUTION_COMPLETED, EXECUTION_PENDING } = ExecutionPhase;

let temporal: TestServer;
let stigmer: TestStigmer;
let runner: ScriptedRunner;
let ann: TestClients;
let bob: TestClients;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  const keys = { ann: makeApiKey(), bob: makeApiKey() };
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: { outside: null },
    env: { EMBEDDED_RUNNER: 'false', RUNNER_CANCEL_GRACE: '500ms' },
    apiKeys: [
      apiKeyEntry(keys.ann, { principal: 'ann', scopes: ['caller'] }),
      apiKeyEntry(keys.bob, { principal: 'bob', scopes: ['caller'] }),
    ],
  });
  ann = testClients(stigmer.url, `Bearer ${keys.ann}`);
  bob = testClients(stigmer.url, `Bearer ${keys.bob}`);
  runner = await startScriptedRunner(temporal.address);
}, 120_000);
afterAll(async () => {
  ann?.[Symbol.dispose]();
  bob?.[Symbol.dispose]();
  await runner?.[Symbol.asyncDispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

async function codeOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return Code[error.code];
}

async function instanceId(): Promise<string> {
  const agent = await stigmer.agents.get({ value: await stigmer.agentId('outside') });
  return agent.status?.defaultInstanceId ?? '';
}

const begin = async (message: string, sessionId: string, by: TestClients = ann): Promise<AgentExecution> =>
  by.executionCommands.create({
    metadata: { name: message },
    spec: { agentId: await stigmer.agentId('outside'), sessionId, message },
  });

const look = (execution: AgentExecution) => stigmer.executions.get({ value: execution.metadata?.id ?? '' });

const ended = (execution: AgentExecution) =>
  eventually(async () => {
    const now = await look(execution);
    return now.status?.phase === EXECUTION_COMPLETED || now.status?.phase === EXECUTION_CANCELLED
      ? now
      : undefined;
  });

test('the look-ups that existing runners make first: session, instance, agent', async () => {
  runner.on('hello', () => answer('hi'));
  const execution = await begin('hello', '');
  const session = await stigmer.sessions.get({ value: execution.spec?.sessionId ?? '' });
  expect(session).toMatchObject({
    apiVersion: 'agentic.stigmer.ai/v1',
    kind: 'Session',
    spec: { threadId: expect.stringMatching(/^thr_/) },
  });
  const instance = await stigmer.instances.get({ value: session.spec?.agentInstanceId ?? '' });
  expect(instance).toMatchObject({ kind: 'AgentInstance', metadata: { slug: 'outside' } });
  const agent = await stigmer.agents.get({ value: instance.spec?.agentId ?? '' });
  expect(agent.metadata?.slug).toBe('outside');
  expect(await codeOf(stigmer.instances.get({ value: 'ain_nobody' }))).toBe('NotFound');
  await ended(execution);
});

test('a session is created, listed, changed and deleted by whoever began it, and exists for nobody else', async () => {
  const spec = { agentInstanceId: await instanceId(), subject: 'holidays' };
  const made = await ann.sessionCommands.create({ metadata: { name: 'trip', tags: ['sea'] }, spec });
  const id = made.metadata?.id ?? '';
  expect(id).toMatch(/^ses_/);
  expect((await ann.sessions.list({ tags: ['sea'] })).entries.map(({ metadata }) => metadata?.id)).toEqual([
    id,
  ]);
  expect((await bob.sessions.list({ tags: ['sea'] })).entries).toEqual([]);
  expect(await codeOf(bob.sessions.get({ value: id }))).toBe('NotFound');
  expect(await codeOf(bob.sessionCommands.delete({ value: id }))).toBe('NotFound');
  expect(await codeOf(begin('hello', id, bob))).toBe('NotFound');
  const changed = await ann.sessionCommands.update({
    metadata: { id, name: 'trip' },
    spec: { ...spec, subject: 'work' },
  });
  expect(changed.spec?.subject).toBe('work');
  expect(changed.metadata?.tags).toEqual([]);
  const agentId = await stigmer.agentId('outside');
  const byAgent = await ann.sessions.listByAgent({ agentId });
  expect(byAgent.entries.map(({ metadata }) => metadata?.id)).toContain(id);
  await ann.sessionCommands.delete({ value: id });
  expect(await codeOf(ann.sessions.get({ value: id }))).toBe('NotFound');
});

test('a session that cannot be is refused, and nothing is stored', async () => {
  const before = (await stigmer.sessions.list({})).totalPages;
  const spec = { agentInstanceId: await instanceId() };
  expect(await codeOf(ann.sessionCommands.create({ spec: { agentInstanceId: 'ain_nobody' } }))).toBe(
    'NotFound',
  );
  expect(await codeOf(ann.sessionCommands.create({ spec: { agentInstanceId: '' } }))).toBe('InvalidArgument');
  expect(await codeOf(ann.sessionCommands.create({ metadata: { id: 'ses_mine' }, spec }))).toBe(
    'AlreadyExists',
  );
  expect(await codeOf(ann.sessionCommands.update({ metadata: { id: 'ses_none' }, spec }))).toBe('NotFound');
  expect((await stigmer.sessions.list({})).totalPages).toBe(before);
});

test('two executions of one session run one after the other, and others are not held up', async () => {
  const first = Promise.withResolvers<void>();
  const began: string[] = [];
  runner.on('one', async (_execution, activity) => {
    began.push('one');
    const beating = setInterval(() => activity.heartbeat(), 200);
    await first.promise;
    clearInterval(beating);
    return answer('1');
  });
  for (const word of ['two', 'three', 'elsewhere']) {
    runner.on(word, () => {
      began.push(word);
      return answer(word);
    });
  }
  const one = await begin('one', '');
  const session = one.spec?.sessionId ?? '';
  await eventually(() => began.includes('one'));
  const two = await begin('two', session);
  const three = await begin('three', session);
  expect((await ended(await begin('elsewhere', ''))).status?.output).toBe('elsewhere');
  expect((await look(two)).status?.phase).toBe(EXECUTION_PENDING);
  expect(began).toEqual(['one', 'elsewhere']);
  expect(await codeOf(ann.sessionCommands.delete({ value: session }))).toBe('FailedPrecondition');
  first.resolve();
  expect((await ended(three)).status?.output).toBe('three');
  expect(began).toEqual(['one', 'elsewhere', 'two', 'three']);

  const turns = await ann.sessions.listTurns({ sessionId: session });
  expect(turns.entries.map(({ executionId }) => executionId)).toEqual(
    [one, two, three].map(({ metadata }) => metadata?.id),
  );
  expect(turns.entries.map(({ messages }) => messages.at(-1)?.content)).toEqual(['1', 'two', 'three']);
  expect(turns.entries.every(({ messages }) => messages.at(-1)?.type === MessageType.MESSAGE_AI)).toBe(true);
  expect(await codeOf(bob.sessions.listTurns({ sessionId: session }))).toBe('NotFound');

  await ann.sessionCommands.delete({ value: session });
  expect(await codeOf(ann.executions.get({ value: one.metadata?.id ?? '' }))).toBe('NotFound');
  expect(await codeOf(ann.sessions.listTurns({ sessionId: session }))).toBe('NotFound');
});

test('one that waits for its turn can be cancelled, and the one after it goes on', async () => {
  runner.on('endless', (_execution, activity) => untilCancelled(activity));
  runner.on('after', () => answer('after'));
  runner.on('never', () => answer('never'));
  const endless = await begin('endless', '');
  const session = endless.spec?.sessionId ?? '';
  await eventually(() => runner.received.some(({ spec }) => spec?.message === 'endless'));
  const waiting = await begin('never', session);
  const after = await begin('after', session);
  await ann.executionCommands.cancel({ executionId: waiting.metadata?.id ?? '' });
  expect((await ended(waiting)).status?.phase).toBe(EXECUTION_CANCELLED);
  await ann.executionCommands.cancel({ executionId: endless.metadata?.id ?? '' });
  expect((await ended(after)).status?.output).toBe('after');
  expect(runner.received.some(({ spec }) => spec?.message === 'never')).toBe(false);
});
