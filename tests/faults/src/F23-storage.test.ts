import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { limitFileSize, lockDatabase, type System } from '@token-handshake/test-kit';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

let system: System;
beforeAll(async () => {
  system = await startFaultSystem();
}, 240_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

async function create(): Promise<string> {
  const { metadata } = await system.stigmer.agents.getByReference({ slug: 'file', kind: 40 });
  const answer = await system.stigmer.executionCommands.create({
    metadata: { name: 'direct' },
    spec: { agentId: metadata?.id ?? '', message: `${system.folder}/never-${'x'.repeat(20_000)}` },
  });
  return answer.metadata?.id ?? '';
}

const refusal = async () => {
  const error = ConnectError.from(await create().catch((reason: unknown) => reason));
  return { code: Code[error.code], errorCode: error.metadata.get('error-code') };
};

const counts = () =>
  system.query(
    'select (select count(*) from executions) executions, (select count(*) from calls) calls, ' +
      '(select count(*) from bindings) bindings',
  );

async function expectAnswered(question: Question): Promise<void> {
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(question.runs()).toHaveLength(1);
  await inTime(() => question.call()?.state === 'delivered', 'the row to say so');
}

test('F23 the disk is full: creates are refused by name, nothing is half-written, and the same process recovers', async () => {
  const service = system.stack.service('stigmer');
  const waiting = await ask(system);
  await waiting.running();
  const before = counts();

  await limitFileSize(service, 1);
  expect(await refusal()).toEqual({ code: 'ResourceExhausted', errorCode: 'STORAGE_FULL' });
  expect(counts()).toEqual(before);
  // A run that ends now has nowhere to put its end; it is kept, and tried again.
  await waiting.answer('the answer');
  const late = await ask(system);
  await system.log.waitFor('stigmer', (line) => line.fields['code'] === 'STORAGE_FULL');
  await inTime(async () => {
    const { raw } = await late.workflow.describe();
    return raw.pendingActivities?.some(({ attempt, lastFailure }) => Number(attempt) > 1 || lastFailure);
  }, 'the caller to be refused');
  expect(late.call()).toBeUndefined();
  expect(waiting.call()?.state).toBe('open');
  expect(service.isAlive()).toBe(true);

  await limitFileSize(service, 'unlimited');
  expect(await create()).toMatch(/^aex_/);
  await expectAnswered(waiting);
  await late.answer('the answer');
  await expectAnswered(late);
  expect(system.stack.service('stigmer').pid).toBe(service.pid);
}, 240_000);

test('F23 another process holds the database: creates are refused by name, and the same process recovers', async () => {
  const service = system.stack.service('stigmer');
  const waiting = await ask(system);
  await waiting.running();
  const before = counts();
  {
    await using _lock = await lockDatabase(system.stack.databaseFile);
    expect(await refusal()).toEqual({ code: 'Unavailable', errorCode: 'STORAGE_BUSY' });
    await waiting.answer('the answer');
    expect(counts()).toEqual(before);
    expect(waiting.call()?.state).toBe('open');
  }
  expect(await create()).toMatch(/^aex_/);
  await expectAnswered(waiting);
  expect(system.stack.service('stigmer').pid).toBe(service.pid);
}, 240_000);
