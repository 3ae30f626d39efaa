import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runnerCommand } from '@token-handshake/agent-runner';
import { ExecutionPhase, MessageType, ToolCallStatus } from '@token-handshake/proto/agentexecution';
import { type AgentDefinition, type System, startSystem } from '@token-handshake/test-kit';
import { parse } from 'yaml';

const example = join(import.meta.dirname, '../../../examples/summarize');
const TEXT = [
  'A workflow waits for an agent.',
  'Cats sleep.',
  'The agent answers the workflow, whatever dies in between.',
  'Birds sing.',
  'The workflow uses what the agent answers.',
].join(' ');

let system: System;
let runner: ChildProcess;

beforeAll(async () => {
  const definition = await readFile(join(example, 'agents/python-summarizer.yaml'), 'utf8');
  const document = await readFile(join(example, 'workflows/summarize.yaml'), 'utf8');
  system = await startSystem({
    agents: [parse(definition) as AgentDefinition],
    // The one line that the example's page tells to change.
    workflows: [
      {
        workflowType: 'summarize',
        taskQueue: 'zigflow',
        yaml: document.replace('agent: summarizer', 'agent: python-summarizer'),
      },
    ],
  });
  const { command, args, env } = await runnerCommand((line) => process.stderr.write(`${line}\n`));
  const { temporal, addresses, keys } = system.stack;
  runner = spawn(command, args, {
    // Its working folder makes it one of the system's processes, which may not be left at the end.
    cwd: system.folder,
    env: {
      ...process.env,
      ...env,
      TEMPORAL_ADDRESS: temporal.address,
      STIGMER_ENDPOINT: `http://${addresses.stigmer}`,
      STIGMER_API_KEY: keys.apiKeys.runner,
      RUNNER_TASK_QUEUE: 'langgraph',
      GRAPHS_DIR: join(example, 'graphs'),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(runner, 'spawn');
}, 300_000);
afterAll(async () => {
  if (runner?.exitCode === null) {
    const ended = once(runner, 'exit');
    runner.kill('SIGTERM');
    await ended;
  }
  await system?.[Symbol.asyncDispose]();
});

test('E22 the example with the Python agent: one line of the document changes, the rest is the same', async () => {
  const document = { workflowType: 'summarize', taskQueue: 'zigflow', yaml: '' };
  const result = (await system.run(document, { title: 'x', text: TEXT })) as Record<string, string>;
  expect(result['summary']).toBe(
    'A workflow waits for an agent. The agent answers the workflow, whatever dies in between. The workflow uses what the agent answers.',
  );
  const { status } = await system.stigmer.executions.get({ value: result['execution'] ?? '' });
  expect(status?.phase).toBe(ExecutionPhase.EXECUTION_COMPLETED);
  expect(status?.messages.map(({ type }) => type)).toEqual([
    MessageType.MESSAGE_HUMAN,
    MessageType.MESSAGE_AI,
    MessageType.MESSAGE_TOOL,
    MessageType.MESSAGE_AI,
  ]);
  expect(status?.toolCalls).toMatchObject([
    { name: 'pick_sentences', status: ToolCallStatus.TOOL_CALL_COMPLETED, result: result['summary'] },
  ]);
});
