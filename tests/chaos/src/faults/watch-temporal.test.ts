import { expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { startTestServer } from '@token-handshake/temporal-dev';
import { freeze } from '@token-handshake/test-kit';
import { temporalAnswers } from './watch-temporal.ts';

test('a Temporal that listens and does not answer is told from one that does', async () => {
  await using server = await startTestServer({ ignoreAddress: true });
  const { address, namespace } = server;
  const connection = await Connection.connect({ address });
  const system = { temporal: new Client({ connection, namespace }) };
  expect(await temporalAnswers({ system })).toBe(true);
  {
    await using _frozen = await freeze({ pid: server.pid ?? 0 });
    expect(await temporalAnswers({ system })).toBe(false);
  }
  expect(await temporalAnswers({ system })).toBe(true);
  await connection.close();
}, 120_000);
