import { join } from 'node:path';
import { toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import {
  agent,
  callAgent,
  eventually,
  failureOf,
  type System,
  startSystem,
  writeWhole,
} from '@token-handshake/test-kit';
import { pythonEnvironment } from './python-runner/python-environment.ts';
import {
  type PythonRunner,
  type RunnerEvent,
  startPythonRunner,
} from './python-runner/start-python-runner.ts';

/** Making the runner's environment takes minutes where packages come slowly; once. */
const SET_UP_MS = 600_000;

const asks = callAgent({
  workflowType: 'asks',
  agent: 'python',
  with: [
    'onCallerGone: detach',
    'config: { model: some-model, temperature: 0.5 }',
    'env: { COLOUR: green, API_KEY: { value: open-sesame, secret: true } }',
  ],
});
let system: System;
let runner: PythonRunner;

beforeAll(async () => {
  await pythonEnvironment();
  system = await startSystem({
    agents: [agent({ slug: 'python' })],
    workflows: [asks],
    env: { stigmer: { EMBEDDED_RUNNER: 'false' } },
  });
  runner = await startPythonRunner({
    temporal: system.stack.temporal.address,
    stigmer: system.stack.addresses.stigmer,
    apiKey: system.stack.keys.apiKeys.runner,
    probes: [
      { spec: { message: 'as the existing system sends it' }, status: { phase: 'EXECUTION_PENDING' } },
      { spec: { onCallerGone: 'ON_CALLER_GONE_DETACH' } },
      { spec: { executionConfig: { temperature: 0.5 } } },
      { status: { output: 'the answer' } },
      { status: { callback: {} } },
      { status: { phase: 'EXECUTION_LOST' } },
    ],
  });
}, SET_UP_MS);
afterAll(async () => {
  await runner?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

type Executed = Extract<RunnerEvent, { event: 'execute' }>;

/** What the runner was given for a message. */
const executed = (message: string) =>
  runner.events.filter(
    (event): event is Executed =>
      event.event === 'execute' && (event.execution.spec as { message?: string }).message === message,
  );

test('E17 a strict Python runner executes an agent: none of our additions and no token reach it', async () => {
  // It is strict: it takes what the existing system sends, and refuses each field that it does not have.
  expect(runner.accepted).toEqual([true, false, false, false, false, false]);

  const started = await system.start(asks, { text: 'answer 42' });
  const result = (await started.result()) as { metadata: { id: string }; spec: { sessionId: string } };
  const { id } = result.metadata;
  expect(result).toMatchObject({
    status: {
      phase: 'EXECUTION_COMPLETED',
      output: '42',
      messages: expect.arrayContaining([expect.objectContaining({ type: 'MESSAGE_AI', content: '42' })]),
    },
  });

  const [given, ...again] = executed('answer 42');
  expect(again).toEqual([]);
  expect(given).toMatchObject({
    attempt: 1,
    thread_id: `thread-${result.spec.sessionId}`,
    execution: {
      apiVersion: 'agentic.stigmer.ai/v1',
      kind: 'AgentExecution',
      metadata: { id },
      spec: {
        executionConfig: { modelName: 'some-model' },
        runtimeEnv: { COLOUR: { value: 'green' }, API_KEY: { value: 'open-sesame', isSecret: true } },
      },
    },
  });
  expect(given?.execution.spec).not.toHaveProperty('callbackToken');
  // It reported by itself that it works, with credentials that nobody asked for.
  expect(runner.events).toContainEqual({ event: 'told', id });

  // On the wire: the encodings and the type's name that the runner knows.
  const { events } = await system.temporal.workflow.getHandle(id).fetchHistory();
  const payloads = (events ?? []).flatMap((event) => {
    const attributes = event.activityTaskScheduledEventAttributes;
    return attributes?.activityType?.name === 'ExecuteGraphton' ? (attributes.input?.payloads ?? []) : [];
  });
  const metadata = payloads.map((payload) =>
    Object.fromEntries(
      Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
    ),
  );
  expect(metadata).toEqual([
    {
      encoding: 'json/protobuf',
      messageType: 'ai.stigmer.agentic.agentexecution.v1.AgentExecution',
    },
    { encoding: 'json/plain' },
  ]);
});

test('E17 what the runner raises reaches the caller: the name of its class, its message', async () => {
  expect(await failureOf(system.run(asks, { text: 'raise no model is free' }))).toMatchObject({
    type: 'ModelUnavailable',
    message: 'no model is free',
  });
  expect(executed('raise no model is free')).toHaveLength(1);
});

test('E17 the runner returns FAILED with the reason in a system message: the caller fails with it', async () => {
  expect(await failureOf(system.run(asks, { text: 'fail the tool server did not answer' }))).toMatchObject({
    type: 'AgentExecutionFailed',
    message: expect.stringContaining('the tool server did not answer'),
    nonRetryable: true,
  });
  expect(executed('fail the tool server did not answer')).toHaveLength(1);
});

test('E17 what the runner reports while it works is what the API shows, before and after the end', async () => {
  const file = join(system.folder, 'the answer.txt');
  const started = await system.start(asks, { text: `report ${file}` });
  const [given] = await eventually(() => {
    const events = executed(`report ${file}`);
    return events.length > 0 && events;
  });
  const id = given?.execution.metadata?.id ?? '';
  await eventually(() => runner.events.some((event) => event.event === 'told' && event.id === id));

  const reported = {
    messages: [{ type: 'MESSAGE_AI', content: 'Looking it up.' }],
    toolCalls: [
      {
        id: 'call-1',
        name: 'search',
        args: { query: 'token handshake', limit: 3 },
        status: 'TOOL_CALL_RUNNING',
      },
    ],
    todos: { 1: { content: 'search', status: 'TODO_IN_PROGRESS' } },
  };
  const shown = async () =>
    toJson(AgentExecutionSchema, await system.stigmer.executions.get({ value: id })) as { status: object };
  expect(await shown()).toMatchObject({ status: { phase: 'EXECUTION_IN_PROGRESS', ...reported } });

  await writeWhole(file, 'found it');
  expect(await started.result()).toMatchObject({
    status: { phase: 'EXECUTION_COMPLETED', output: 'found it' },
  });
  expect(await shown()).toMatchObject({
    status: { phase: 'EXECUTION_COMPLETED', output: 'found it', todos: reported.todos },
  });
});
