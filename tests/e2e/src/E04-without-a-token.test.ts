import { expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { agent, echo, eventually, startSystem } from '@token-handshake/test-kit';

test('E04 without a token the agent runs, nobody is told, and the log says so', async () => {
  await using system = await startSystem({
    agents: [agent({ slug: 'echo', runtime: echo('you said: ') })],
    services: ['stigmer'],
  });
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'echo', kind: 40 });
  const created = await system.stigmer.executionCommands.create({
    metadata: { name: 'without-a-token' },
    spec: { agentId: metadata?.id ?? '', message: 'hello' },
  });
  const id = created.metadata?.id ?? '';

  const ended = await eventually(async () => {
    const execution = await system.stigmer.executions.get({ value: id });
    return execution.status?.phase === ExecutionPhase.EXECUTION_COMPLETED && execution;
  });
  expect(ended.status?.output).toBe('you said: hello');

  // The workflow itself has ended well, too.
  const workflow = await system.temporal.workflow.getHandle(id).result();
  expect(workflow).toBeDefined();
  await system.log.waitFor(
    'stigmer',
    (line) => /no callback token/i.test(line.msg) && line.text.includes(id),
  );
  expect(system.query('select state, generation from calls')).toEqual([{ state: 'skipped', generation: 0 }]);
  expect(system.query('select * from bindings')).toEqual([]);
});
