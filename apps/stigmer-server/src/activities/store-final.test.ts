import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';
import { storeFinal } from './store-final.ts';

let stigmer: TestStigmer;
beforeAll(async () => {
  stigmer = await startTestStigmer({ agents: { external: null } });
});
afterAll(async () => {
  await stigmer?.[Symbol.asyncDispose]();
});

const created = async () => {
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: 'test' },
    spec: { agentId: await stigmer.agentId('external'), message: 'go' },
  });
  return metadata?.id ?? '';
};

test('an end that cannot be stored is stored as a failure, instead of being tried for ever', async () => {
  const id = await created();
  const store = storeFinal(stigmer.service.context);
  expect(await store(id, { kind: 'returned' }, { messages: 'none' } as never)).toMatchObject({
    kind: 'failed',
    failure: { type: 'RunnerAnswerInvalid', message: expect.stringContaining('cannot be stored') },
  });
  const { status } = await stigmer.executions.get({ value: id });
  expect(status?.failure?.type).toBe('RunnerAnswerInvalid');
});

test('a failure whose details cannot be stored keeps its type and message', async () => {
  const failure = { type: 'Odd', message: 'no value', details: [1n as never], retryable: false };
  const store = storeFinal(stigmer.service.context);
  expect(await store(await created(), { kind: 'failed', failure })).toMatchObject({
    kind: 'failed',
    failure: { type: 'Odd', message: 'no value', details: [] },
  });
});
