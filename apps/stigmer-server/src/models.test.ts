import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  calls,
  callsAsAnthropic,
  holdsAfter,
  refuses,
  says,
  saysAsAnthropic,
} from '@token-handshake/model-kit';
import { toJsonValue } from '@token-handshake/proto';
import {
  AgentExecutionSchema,
  ExecutionPhase,
  MessageType,
  ToolCallStatus,
} from '@token-handshake/proto/agentexecution';
import { eventually } from './testing/eventually.suite.ts';
import { historyOf } from './testing/history.suite.ts';
import { type ModelAgents, SECRET, startModelAgents } from './testing/model-agents.suite.ts';

const { EXECUTION_COMPLETED } = ExecutionPhase;
const { MESSAGE_AI, MESSAGE_HUMAN, MESSAGE_TOOL } = MessageType;

let agents: ModelAgents;
beforeAll(async () => {
  agents = await startModelAgents();
}, 120_000);
afterAll(async () => {
  await agents?.[Symbol.asyncDispose]();
});
beforeEach(() => agents.forget());

test('a model is asked what the agent is told, and its answer is the result', async () => {
  agents.provider.answers(says('Sun', 'ny'));
  const execution = await agents.run('plain', 'How is the weather?');
  expect(execution.status).toMatchObject({ phase: EXECUTION_COMPLETED, output: 'Sunny' });
  expect(execution.status?.messages.map(({ type }) => type)).toEqual([MESSAGE_HUMAN, MESSAGE_AI]);
  expect(execution.status?.messages[1]?.metadata).toMatchObject({
    model: 'small',
    finish_reason: 'stop',
    input_tokens: 10,
    output_tokens: 5,
    total: { input_tokens: 10, output_tokens: 5, answers: 1 },
  });
  expect(agents.requests()).toMatchObject([
    {
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${SECRET}` },
      body: {
        model: 'small',
        temperature: 0.5,
        messages: [
          { role: 'system', content: 'Answer in one word.' },
          { role: 'user', content: 'How is the weather?' },
        ],
      },
    },
  ]);
});

test('tools of a real MCP server are called, only the enabled ones are shown, and the model gets what they give', async () => {
  agents.provider.answers(
    calls({ id: 'c1', name: 'add', args: { a: 2, b: 3 } }, { id: 'c2', name: 'fail', args: {} }),
    says('5'),
  );
  const execution = await agents.run('adder', 'What is 2 + 3?');
  expect(execution.status?.output).toBe('5');
  expect(execution.status?.toolCalls).toMatchObject([
    { name: 'add', args: { a: 2, b: 3 }, result: '5', status: ToolCallStatus.TOOL_CALL_COMPLETED },
    { name: 'fail', error: 'it is broken', status: ToolCallStatus.TOOL_CALL_FAILED },
  ]);
  expect(execution.status?.messages.map(({ type }) => type)).toEqual([
    MESSAGE_HUMAN,
    MESSAGE_AI,
    MESSAGE_TOOL,
    MESSAGE_TOOL,
    MESSAGE_AI,
  ]);
  const [one, two] = agents.requests();
  expect(one?.body.tools?.map((tool) => tool.function.name).sort()).toEqual([
    'add',
    'exit',
    'fail',
    'wait',
    'whoami',
  ]);
  expect(two?.body.messages.slice(-2)).toMatchObject([
    { role: 'tool', tool_call_id: 'c1', content: '5' },
    { role: 'tool', tool_call_id: 'c2', content: 'it is broken' },
  ]);
});

test('arguments that are no JSON, and a tool that is not there, are told to the model', async () => {
  agents.provider.answers(
    calls({ id: 'c1', name: 'add', args: '{"a": 2, "b"' }, { id: 'c2', name: 'multiply', args: { a: 1 } }),
    calls({ id: 'c3', name: 'add', args: { a: 2, b: 2 } }),
    says('4'),
  );
  const execution = await agents.run('adder', 'What is 2 + 2?');
  expect(execution.status?.output).toBe('4');
  expect(execution.status?.toolCalls.map(({ status }) => status)).toEqual([
    ToolCallStatus.TOOL_CALL_FAILED,
    ToolCallStatus.TOOL_CALL_FAILED,
    ToolCallStatus.TOOL_CALL_COMPLETED,
  ]);
  const results = agents.requests()[1]?.body.messages.slice(-2);
  expect(JSON.stringify(results?.[0])).toMatch(/arguments cannot be used/);
  expect(JSON.stringify(results?.[1])).toMatch(/multiply/);
});

test('a session goes on where it was, without what failed', async () => {
  agents.provider.answers(says('Hello Ann'), refuses(400, 'no'), says('You are Ann'));
  const one = await agents.run('plain', 'I am Ann');
  const session = one.spec?.sessionId ?? '';
  await agents.run('plain', 'This fails', session);
  const three = await agents.run('plain', 'Who am I?', session);
  expect(three.status?.output).toBe('You are Ann');
  expect(
    agents
      .requests()
      .at(-1)
      ?.body.messages.map(({ content }) => content),
  ).toEqual(['Answer in one word.', 'I am Ann', 'Hello Ann', 'Who am I?']);
  expect(three.status?.messages).toHaveLength(2);
});

test('a sub-agent gets its task, its own instructions and tools, and its answer is what the call gives', async () => {
  agents.provider.answers(
    calls({ id: 'c1', name: 'ask_Clerk', args: { task: 'Add 4 and 5.' } }),
    calls({ id: 'c1', name: 'add', args: { a: 4, b: 5 } }),
    says('It is 9'),
    says('Nine'),
  );
  const execution = await agents.run('leader', 'What is 4 + 5?');
  expect(execution.status?.output).toBe('Nine');
  expect(execution.status?.subAgentExecutions).toMatchObject([
    { name: 'Clerk', input: 'Add 4 and 5.', output: 'It is 9' },
  ]);
  const [, task, , last] = agents.requests();
  expect(task?.body.tools?.map((tool) => tool.function.name)).toEqual(['add']);
  expect(task?.body.messages.map(({ content }) => content)).toEqual([
    'Add what you are given.',
    'Add 4 and 5.',
  ]);
  expect(last?.body.messages.at(-1)).toMatchObject({ role: 'tool', content: 'It is 9' });
});

test('secrets are in no history, no log and no status', async () => {
  agents.provider.answers(calls({ id: 'c1', name: 'whoami', args: {} }), says('done'));
  const execution = await agents.run('adder', 'Who are you?');
  expect(execution.status?.toolCalls[0]?.result).toBe(`key of ${SECRET.length} letters`);
  expect(JSON.stringify(agents.stigmer.log)).not.toContain(SECRET);
  expect(JSON.stringify(toJsonValue(AgentExecutionSchema, execution))).not.toContain(SECRET);
  const id = execution.metadata?.id ?? '';
  for (const workflowId of [id, `${id}/conversation/1`]) {
    const history = await historyOf(agents.temporalAddress, workflowId);
    expect(history).toContain('executionId');
    expect(history).not.toContain(SECRET);
  }
});

test('Anthropic’s protocol, and an MCP server over HTTP with a key in its headers', async () => {
  agents.provider.answers(callsAsAnthropic('toolu_1', 'add', { a: 20, b: 22 }), saysAsAnthropic('42'));
  const execution = await agents.run('claude', 'What is 20 + 22?');
  expect(execution.status?.output).toBe('42');
  expect(execution.status?.messages.at(-1)?.metadata).toMatchObject({
    input_tokens: 10,
    output_tokens: 5,
    total: { input_tokens: 20, output_tokens: 10, answers: 2 },
  });
  const [one, two] = agents.requests();
  expect(one).toMatchObject({
    path: '/v1/messages',
    headers: { 'x-api-key': SECRET },
    body: { model: 'claude' },
  });
  expect(JSON.stringify(two?.body.messages.at(-1))).toContain('"42"');
  expect(agents.tools.calls).toEqual(['add 20 22']);
  expect(agents.tools.paths[0]).toBe(`/mcp?from=${encodeURIComponent(join(agents.stigmer.folder, 'calls'))}`);
});

test('a cancel stops the question that is open, and the run is cancelled', async () => {
  let left = false;
  agents.provider.answers((_, response) => {
    response.once('close', () => {
      left = true;
    });
  });
  const id = await agents.begin('plain', 'Wait!');
  await eventually(() => Promise.resolve(agents.requests().length === 1 || undefined));
  await agents.stigmer.executionCommands.cancel({ executionId: id });
  expect((await agents.ended(id)).status?.phase).toBe(ExecutionPhase.EXECUTION_CANCELLED);
  await eventually(() => Promise.resolve(left || undefined));
});

test('what is being said is shown while it is said', async () => {
  const open = holdsAfter('One,', ' two');
  agents.provider.answers(open.answer);
  const id = await agents.begin('plain', 'Count!');
  await eventually(async () => {
    const { status } = await agents.stigmer.executions.get({ value: id });
    return status?.messages.at(-1)?.content === 'One,' || undefined;
  });
  open.goOn();
  expect((await agents.ended(id)).status?.output).toBe('One, two');
});

test('a provider that uses ids of calls again: each task has its own answer', async () => {
  const asks = (task: string) => calls({ id: 'call_0', name: 'ask_Idler', args: { task } });
  agents.provider.answers(asks('one'), says('first'), asks('two'), says('second'), says('both'));
  const execution = await agents.run('leader', 'Do two things!');
  expect(execution.status?.output).toBe('both');
  expect(execution.status?.subAgentExecutions).toMatchObject([
    { name: 'Idler', input: 'one', output: 'first' },
    { name: 'Idler', input: 'two', output: 'second' },
  ]);
});

test('a sub-agent whose tools the agent may not call itself has none', async () => {
  agents.provider.answers(
    calls({ id: 'c1', name: 'ask_Outsider', args: { task: 'Leave!' } }),
    calls({ id: 'c1', name: 'exit', args: {} }),
    says('I cannot'),
    says('It cannot'),
  );
  const made = (await agents.callsMade()).length;
  const execution = await agents.run('divided', 'Make it leave!');
  expect(execution.status?.output).toBe('It cannot');
  expect(agents.requests()[1]?.body.tools ?? []).toEqual([]);
  expect(await agents.callsMade()).toHaveLength(made);
});

test('a cancel while a tool works ends the run as cancelled', async () => {
  agents.provider.answers(calls({ id: 'c1', name: 'wait', args: { ms: 60_000 } }));
  const made = (await agents.callsMade()).length;
  const id = await agents.begin('adder', 'Wait long!');
  await eventually(async () => (await agents.callsMade()).length > made || undefined);
  await agents.stigmer.executionCommands.cancel({ executionId: id });
  expect((await agents.ended(id)).status?.phase).toBe(ExecutionPhase.EXECUTION_CANCELLED);
});

test('a session that was deleted is forgotten, and its id is never given again', async () => {
  agents.provider.answers(says('noted'), says('noted again'));
  const sessionId = 'daily';
  await agents.run('plain', 'The code is 1234', sessionId);
  await agents.stigmer.sessionCommands.delete({ value: sessionId });
  await expect(agents.begin('plain', 'What is the code?', sessionId)).rejects.toThrow(/its id is taken/);
  expect(agents.requests()).toHaveLength(1);
});
