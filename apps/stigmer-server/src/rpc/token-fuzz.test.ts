import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { apiKeyEntry, makeApiKey } from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import fc from 'fast-check';
import { arbitraryToken } from '../testing/arbitrary-token.suite.ts';
import { forgedToken } from '../testing/forged-token.suite.ts';
import {
  startTestStigmer,
  type TestClients,
  type TestStigmer,
  testClients,
} from '../testing/test-stigmer.suite.ts';

const RUNS = 300;

/** Given to run the same tokens again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

let temporal: TestServer;
let connection: Connection;
let client: Client;
let stigmer: TestStigmer;
let clients: TestClients;

beforeAll(async () => {
  process.stdout.write(`fuzzing with FUZZ_SEED=${seed}\n`);
  temporal = await startTestServer({ ignoreAddress: true });
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection });
  const key = makeApiKey();
  stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    agents: { quiet: { summarizer: {} } },
    env: { RAW_TOKENS: 'allow', EMBEDDED_RUNNER: 'false', STIGMER_REQUESTS_PER_SECOND: '100000' },
    apiKeys: [apiKeyEntry(key, { principal: 'fuzz', scopes: ['operator'], rawTokens: true })],
  });
  clients = testClients(stigmer.url, `Bearer ${key}`);
});
afterAll(async () => {
  clients?.[Symbol.dispose]();
  await stigmer?.[Symbol.asyncDispose]();
  await connection?.close();
  await temporal?.stop();
});

test('no callback token that nobody made is taken, and none makes the server fail', async () => {
  const { keyRing } = stigmer;
  const good = await forgedToken({ keyRing, client });
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: 'default' });
  const agentId = await stigmer.agentId('quiet');
  const codes = new Set<string>();
  const create = async (callbackToken: Uint8Array) => {
    const answer = clients.executionCommands.create({
      metadata: { name: 'fuzz' },
      spec: { agentId, message: 'hello', callbackToken: new Uint8Array(callbackToken) },
    });
    try {
      await answer;
      return 'taken';
    } catch (reason) {
      const error = ConnectError.from(reason);
      codes.add(String(error.metadata.get('error-code')));
      return Code[error.code];
    }
  };
  const tokens = arbitraryToken({ good, namespaceId: namespaceInfo?.id ?? '' });
  const property = fc.asyncProperty(tokens, async (token) => {
    expect(await create(token)).toBe('InvalidArgument');
  });
  await fc.assert(property, { seed, numRuns: RUNS });
  // They were not all refused at the first look.
  expect(codes.size).toBeGreaterThanOrEqual(5);
  expect((await clients.executions.list({ pageSize: 1 })).totalPages).toBe(0);
  // The one that they were made from is taken.
  await clients.executionCommands.create({
    metadata: { name: 'fuzz' },
    spec: { agentId, message: 'hello', callbackToken: good },
  });
  expect(stigmer.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
}, 240_000);
