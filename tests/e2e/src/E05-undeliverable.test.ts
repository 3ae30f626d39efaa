import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { agent, echo, eventually, fails, type System, startSystem } from '@token-handshake/test-kit';
import { sealedToken, tokenForge } from '@token-handshake/test-kit/tokens';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    agents: [
      agent({ slug: 'echo', runtime: echo('you said: ') }),
      agent({ slug: 'fails', runtime: fails('out of paper', 3) }),
    ],
    services: ['stigmer'],
  });
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Starts an execution whose token passes every check of the callee, and which Temporal cannot read. */
async function createUndeliverable(slug: string): Promise<string> {
  const { metadata } = await system.stigmer.agents.getByReference({ slug, kind: 40 });
  const token = await sealedToken(await tokenForge(system), { unreadableForTemporal: true });
  const callbackToken = new Uint8Array(token);
  const created = await system.stigmer.executionCommands.create({
    metadata: { name: 'undeliverable' },
    spec: { agentId: metadata?.id ?? '', message: 'hello', callbackToken },
  });
  return created.metadata?.id ?? '';
}

async function failureOfCallee(id: string): Promise<unknown> {
  try {
    await system.temporal.workflow.getHandle(id).result();
  } catch (error) {
    if (error instanceof WorkflowFailedError) return error.cause;
    throw error;
  }
  throw new Error('expected the callee’s workflow to fail, but it completed');
}

test('E05 completion impossible after a success: the workflow fails, the result stays fetchable', async () => {
  const id = await createUndeliverable('echo');
  expect(await failureOfCallee(id)).toMatchObject({ message: expect.stringContaining('malformed') });

  const execution = await system.stigmer.executions.get({ value: id });
  expect(execution.status?.phase).toBe(ExecutionPhase.EXECUTION_COMPLETED);
  expect(execution.status?.output).toBe('you said: hello');
  expect(execution.status?.callback?.verdict).toBe('malformed');
  expect(system.query('select state from calls where execution_id = ?', [id])).toEqual([
    { state: 'malformed' },
  ]);
});

test('E06 completion impossible after a failure: the original error is kept, the problem is logged', async () => {
  const id = await createUndeliverable('fails');
  expect(await failureOfCallee(id)).toMatchObject({
    type: 'AgentCommandFailed',
    message: expect.stringContaining('out of paper'),
  });

  const execution = await system.stigmer.executions.get({ value: id });
  expect(execution.status?.phase).toBe(ExecutionPhase.EXECUTION_FAILED);
  expect(execution.status?.failure?.type).toBe('AgentCommandFailed');
  await eventually(() =>
    system.log
      .lines('stigmer')
      .some(
        (line) =>
          line.text.includes(id) &&
          line.text.includes('malformed') &&
          line.text.includes('AgentCommandFailed'),
      ),
  );
});
