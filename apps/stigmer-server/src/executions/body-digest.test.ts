import { randomBytes } from 'node:crypto';
import { ConnectError } from '@connectrpc/connect';
import { expect, test } from '@jest/globals';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

const create = async (stigmer: TestStigmer, secret: string) => {
  const request = {
    metadata: { name: 'x' },
    spec: {
      agentId: await stigmer.agentId('quiet'),
      message: 'x',
      runtimeEnv: { KEY: { value: secret, isSecret: true } },
    },
  };
  return stigmer.executionCommands.create(request, { headers: { 'Idempotency-Key': 'order-66' } });
};

test('a keyed create is known again after the secrets key was rotated, with another secret it is refused', async () => {
  const [before, after] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  let stigmer = await startTestStigmer({
    agents: { quiet: { summarizer: {} } },
    env: { STIGMER_SECRETS_KEY: before },
  });
  try {
    const first = await create(stigmer, 'secret');
    stigmer = await stigmer.restart({ STIGMER_SECRETS_KEY: `${after},${before}` });
    const again = await create(stigmer, 'secret');
    expect(again.metadata?.id).toBe(first.metadata?.id);
    const error = ConnectError.from(await create(stigmer, 'another').catch((reason: unknown) => reason));
    expect(error.metadata.get('error-code')).toBe('IDEMPOTENCY_KEY_REUSED');
  } finally {
    await stigmer[Symbol.asyncDispose]();
  }
});
