import { create } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { AgentSchema } from '@token-handshake/proto/agent';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { startTestStigmer } from '../testing/test-stigmer.suite.ts';
import { prepareRun } from './prepare-run.ts';

const agent = create(AgentSchema, {
  metadata: { id: 'agt_program', slug: 'program', ownerScope: 1 },
  spec: {
    instructions: 'Run.',
    runtime: { kind: { case: 'command', value: { argv: ['/bin/true'] } } },
  },
});
const execution = create(AgentExecutionSchema, {
  metadata: { id: 'aex_1' },
  spec: { agentId: 'agt_program', message: 'go' },
});

test('a program that came by the API runs only while the API may define programs', async () => {
  await using refusing = await startTestStigmer();
  const { context } = refusing.service;
  await context.storage.agents.put({ agent, source: 'api' });
  await expect(prepareRun(context, execution, { threadId: 'thread' })).rejects.toMatchObject({
    type: 'AgentNotRunnable',
    nonRetryable: true,
    message: expect.stringContaining('ALLOW_COMMAND_AGENTS_BY_API'),
  });
  await context.storage.agents.put({ agent, source: 'file' });
  expect(await prepareRun(context, execution, { threadId: 'thread' })).toMatchObject({ name: 'command' });

  await using allowing = await startTestStigmer({ env: { ALLOW_COMMAND_AGENTS_BY_API: 'true' } });
  await allowing.service.context.storage.agents.put({ agent, source: 'api' });
  const prepared = await prepareRun(allowing.service.context, execution, { threadId: 'thread' });
  expect(prepared).toMatchObject({ name: 'command' });
});
