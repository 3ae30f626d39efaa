import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { breaksOffAfter, calls, endsEarlyAfter, endsFor, refuses, says } from '@token-handshake/model-kit';
import { type AgentExecution, ExecutionPhase, MessageType } from '@token-handshake/proto/agentexecution';
import { eventually } from './testing/eventually.suite.ts';
import { type ModelAgents, SECRET, startModelAgents } from './testing/model-agents.suite.ts';

const { EXECUTION_FAILED } = ExecutionPhase;
const { MESSAGE_AI, MESSAGE_HUMAN, MESSAGE_SYSTEM } = MessageType;

let agents: ModelAgents;
beforeAll(async () => {
  agents = await startModelAgents();
}, 120_000);
afterAll(async () => {
  await agents?.[Symbol.asyncDispose]();
});
beforeEach(() => agents.forget());

const said = ({ status }: AgentExecution) => status?.messages.map(({ type, content }) => [type, content]);

test('a provider that limits requests is asked again when it says so; meanwhile the status says why', async () => {
  agents.provider.answers(refuses(429, 'slow down', { 'retry-after': '2' }), says('late'));
  const before = Date.now();
  const id = await agents.begin('plain', 'Hurry!');
  await eventually(async () => {
    const last = (await agents.stigmer.executions.get({ value: id })).status?.messages.at(-1);
    return last?.type === MESSAGE_SYSTEM && last.content.endsWith('slow down; trying again');
  });
  const execution = await agents.ended(id);
  expect(execution.status?.output).toBe('late');
  expect(said(execution)).toEqual([
    [MESSAGE_HUMAN, 'Hurry!'],
    [MESSAGE_AI, 'late'],
  ]);
  expect(agents.requests()).toHaveLength(2);
  expect(Date.now() - before).toBeGreaterThanOrEqual(2_000);
});

test.each([
  ['cut', breaksOffAfter('Hal')],
  ['ended without a reason', endsEarlyAfter('Hal')],
])('an answer whose stream was %s is asked for again, and nothing of it is left', async (_, broken) => {
  agents.provider.answers(broken, says('Hallo'));
  const execution = await agents.run('plain', 'Greet me!');
  expect(said(execution)).toEqual([
    [MESSAGE_HUMAN, 'Greet me!'],
    [MESSAGE_AI, 'Hallo'],
  ]);
  expect(agents.requests()).toHaveLength(2);
});

test.each([
  [400, "This model's maximum context length is 8192 tokens", 'ModelContextExceeded'],
  [401, `Incorrect API key provided: ${SECRET}`, 'ModelAccessDenied'],
  [404, 'The model does not exist', 'ModelRequestRejected'],
])('HTTP %d with "%s" fails the run at once', async (status, message, type) => {
  agents.provider.answers(refuses(status, message));
  const execution = await agents.run('plain', 'Are you there?');
  expect(execution.status).toMatchObject({ phase: EXECUTION_FAILED, failure: { type } });
  expect(execution.status?.failure?.message).toContain(message.replace(SECRET, '[redacted]'));
  expect(agents.requests()).toHaveLength(1);
});

test.each([
  ['length', endsFor('length', 'Half an')],
  ['content-filter', endsFor('content_filter', 'Half an')],
  ['stop, with nothing said', says()],
])('an answer that ends for %s is none', async (_, answer) => {
  agents.provider.answers(answer);
  const execution = await agents.run('plain', 'Say it all!');
  expect(execution.status).toMatchObject({
    phase: EXECUTION_FAILED,
    failure: { type: 'ModelAnswerIncomplete' },
  });
  expect(agents.requests()).toHaveLength(1);
});

test('a model that is never done is stopped after as many steps as its definition allows', async () => {
  const again = (id: string) => calls({ id, name: 'add', args: { a: 1, b: 1 } });
  agents.provider.answers(again('c1'), again('c2'));
  const execution = await agents.run('limited', 'Go on for ever!');
  expect(execution.status).toMatchObject({
    phase: EXECUTION_FAILED,
    failure: { type: 'ModelStepsExhausted' },
  });
  expect(agents.requests()).toHaveLength(2);
});

test('a tool server that dies is started again, and the call repeated', async () => {
  const made = (await agents.callsMade()).length;
  agents.provider.answers(
    calls({ id: 'c1', name: 'add', args: { a: 1, b: 1 } }),
    calls({ id: 'c2', name: 'exit', args: {} }),
    says('over'),
  );
  const id = await agents.begin('adder', 'End yourself!');
  await eventually(
    async () =>
      (await agents.callsMade()).slice(made).filter((line) => line === 'exit').length >= 2 || undefined,
  );
  expect((await agents.callsMade()).slice(made).filter((line) => line === 'add 1 1')).toHaveLength(1);
  await agents.stigmer.executionCommands.cancel({ executionId: id });
  await agents.ended(id);
}, 60_000);
