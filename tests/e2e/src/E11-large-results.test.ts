import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { agent, answersBytes, startSystem } from '@token-handshake/test-kit';
import { callAgent } from './call-agent.ts';

const MB = 1024 * 1024;

interface Result {
  readonly metadata: { readonly id: string };
  readonly status: {
    readonly phase: string;
    readonly output?: string;
    readonly truncated?: { readonly bytes: string; readonly sha256: string };
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
  expect(Number(status.truncated?.bytes)).toBeGreaterThan(3 * MB);
  expect(status.truncated?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(status).length).toBeLessThan(1.5 * MB);

  const whole = await system.stigmer.executions.get({ value: metadata.id });
  expect(whole.status?.output).toHaveLength(3 * MB);
  expect(
    createHash('sha256')
      .update(whole.status?.output ?? '')
      .digest('hex'),
  ).toBe(
    createHash('sha256')
      .update('lorem ipsum '.repeat((3 * MB) / 12 + 1).slice(0, 3 * MB))
      .digest('hex'),
  );
  expect(whole.status?.truncated).toBeUndefined();
});
