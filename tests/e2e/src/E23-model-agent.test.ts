import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { calls, type ModelProvider, mcpServer, says, startModelProvider } from '@token-handshake/model-kit';
import {
  type AgentDefinition,
  callAgent,
  eventually,
  processExists,
  type System,
  startSystem,
} from '@token-handshake/test-kit';
import { parse } from 'yaml';

const example = join(import.meta.dirname, '../../../examples/summarize');
const adds = callAgent({ workflowType: 'adds', agent: 'adder', message: 'What is 2 + 3?' });

let provider: ModelProvider;
let system: System;

beforeAll(async () => {
  provider = await startModelProvider();
  const definition = await readFile(join(example, 'agents/model-summarizer.yaml'), 'utf8');
  const document = await readFile(join(example, 'workflows/summarize.yaml'), 'utf8');
  const summarizer = parse(
    definition.replace('http://127.0.0.1:11434/v1', provider.baseUrl),
  ) as AgentDefinition;
  system = await startSystem({
    env: { stigmer: { RUNNER_HEARTBEAT_TIMEOUT: '3s' } },
    agents: (folder) => [
      summarizer,
      {
        ...summarizer,
        metadata: { name: 'Adder', slug: 'adder', ownerScope: 'platform' },
        spec: {
          instructions: 'Add what you are given.',
          runtime: { model: { openaiCompatible: { baseUrl: provider.baseUrl }, model: 'small' } },
          mcpServers: [
            { name: 'sums', stdio: { ...mcpServer, envPlaceholders: { CALLS: join(folder, 'calls') } } },
          ],
        },
      },
    ],
    // The one line that the example's page tells to change.
    workflows: [
      {
        workflowType: 'summarize',
        taskQueue: 'zigflow',
        yaml: document.replace('agent: summarizer', 'agent: model-summarizer'),
      },
      adds,
    ],
  });
}, 300_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
});

test('E23 the example with a language model: one line of the document changes, the rest is the same', async () => {
  provider.answers(says('A workflow ', 'waits.'));
  const document = { workflowType: 'summarize', taskQueue: 'zigflow', yaml: '' };
  const result = (await system.run(document, {
    title: 'x',
    text: 'A workflow waits for an agent.',
  })) as Record<string, string>;
  expect(result['summary']).toBe('A workflow waits.');
  expect(provider.requests.at(-1)?.body).toMatchObject({ model: 'llama3.2', temperature: 0 });
});

test('E23 the runner is killed while the model answers: no question that was answered is asked again, no tool called twice', async () => {
  const first = provider.requests.length;
  const asked = () => provider.requests.slice(first).map(({ body }) => body.messages.length);
  provider.answers(
    calls({ id: 'c1', name: 'add', args: { a: 2, b: 3 } }),
    // Never answered: the one who asked dies.
    () => {},
    says('5'),
  );
  const workflow = await system.start(adds);
  await eventually(() => asked().length === 2);
  const { pid } = system.stack.service('stigmer');
  await system.kill('stigmer');
  expect(await processExists(pid)).toBe(false);
  await system.stack.start('stigmer');
  expect(await workflow.result()).toMatchObject({ status: { output: '5' } });
  // The system's instructions, the message; then also the call and what it gave, asked twice.
  expect(asked()).toEqual([2, 4, 4]);
  const made = await readFile(join(system.folder, 'calls'), 'utf8');
  expect(made.trim().split('\n')).toEqual(['add 2 3']);
});
