import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { toJsonValue } from '@token-handshake/proto';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { agent, answersBytes, callAgent, startSystem } from '@token-handshake/test-kit';

const MB = 1024 * 1024;

interface Result {
  readonly metadata: { readonly id: string };
  readonly status: {
    readonly phase: string;
    readonly output?: string;
    readonly truncated?: { readonly bytes: number; readonly sha256: string };
  };
}

test('E11 a result of 3 MB reaches the caller trimmed, and the whole can be fetched', async () => {
  const large = callAgent({ workflowType: 'large', agent: 'large', message: 'go' });
  await using system = await startSystem({
    agents: [agent({ slug: 'large', runtime: answersBytes(3 * MB) })],
    workflows: [large],
  });
  const { metadata, status } = (await system.run(large)) as Result;
  expect(status.phase).toBe('EXECUTION_COMPLETED');
  expect(status.truncated?.bytes).toBeGreaterThan(3 * MB);
  expect(JSON.stringify(status).length).toBeLessThan(1.5 * MB);

  const whole = await system.stigmer.executions.get({ value: metadata.id });
  const answer = 'lorem ipsum '.repeat((3 * MB) / 12 + 1).slice(0, 3 * MB);
  expect(whole.status?.output).toHaveLength(3 * MB);
  expect(sha256(whole.status?.output ?? '')).toBe(sha256(answer));
  expect(whole.status?.truncated).toBeUndefined();

  // What the caller got is as much of the head of the answer as it may be given.
  expect(status.output?.length).toBeGreaterThan(1.4 * MB);
  expect(answer.startsWith(status.output ?? '')).toBe(true);
  // So that a caller who fetches the whole can tell that it is what its result was cut from.
  const json = jsonOf(whole);
  expect(status.truncated).toEqual({ bytes: Buffer.byteLength(json), sha256: sha256(json) });
});

/** An execution as its caller would have got it whole: how the caller was told is no part of that. */
function jsonOf(execution: AgentExecution): string {
  if (execution.status) delete execution.status.callback;
  return JSON.stringify(toJsonValue(AgentExecutionSchema, execution));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
