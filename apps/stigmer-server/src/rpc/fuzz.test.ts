import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { apiKeyEntry, makeApiKey } from '@token-handshake/service-kit';
import {
  arbitraryRequest,
  exchange,
  type RawAnswer,
  type RawConnection,
  type RawRequest,
  type Rpc,
  rawConnection,
  rpcsOf,
} from '@token-handshake/service-kit/testing';
import fc from 'fast-check';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';
import { stigmerRoutes } from './index.ts';

// No Temporal serves here: what a client does wrong is told as wrong all the same.

const RUNS_PER_RPC = 100;
/** Much longer than any answer takes. */
const UNARY_MS = 20_000;
/** A stream whose request sets no time of its own goes on until its client leaves. */
const STREAM_MS = 500;
/** What no input may bring about. */
const FAULTS: readonly (string | undefined)[] = ['internal', 'unknown', 'data_loss'];

/** Given to run the same requests again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

let stigmer: TestStigmer;
let connection: RawConnection;
let rpcs: readonly Rpc[];
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  process.stdout.write(`fuzzing with FUZZ_SEED=${seed}\n`);
  process.on('unhandledRejection', onUnhandled);
  const key = makeApiKey();
  headers = { authorization: `Bearer ${key}` };
  stigmer = await startTestStigmer({
    agents: { quiet: { summarizer: {} } },
    env: { RAW_TOKENS: 'allow', STIGMER_REQUESTS_PER_SECOND: '100000' },
    apiKeys: [apiKeyEntry(key, { principal: 'fuzz', scopes: ['operator'], rawTokens: true })],
  });
  connection = rawConnection(stigmer.url);
  rpcs = rpcsOf(stigmerRoutes(stigmer.service.context));
});
afterEach(async () => {
  // It still serves, and nothing went wrong that no answer tells of.
  expect((await fetch(`${stigmer.url}/healthz`)).status).toBe(200);
  expect(stigmer.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(unhandled).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  connection?.[Symbol.dispose]();
  await stigmer?.[Symbol.asyncDispose]();
});

/** Sends a request and fails for an answer that speaks of a fault of the server. */
async function send(request: RawRequest, { method }: Rpc, over = connection): Promise<RawAnswer> {
  const unary = method.methodKind === 'unary';
  const answer = await exchange(over, request, unary ? UNARY_MS : STREAM_MS);
  const { status, code } = answer;
  if (unary && status === undefined) throw new Error('there was no answer');
  if (status === 500 || FAULTS.includes(code))
    throw new Error(`it answered ${status}, ${code}: ${answer.body}`);
  return answer;
}

test('no request, whatever is in it and however it is sent, makes an RPC fail', async () => {
  const agentId = await stigmer.agentId('quiet');
  const executions = await Promise.all(
    ['one', 'another'].map((message) =>
      stigmer.executionCommands.create({ metadata: { name: message }, spec: { agentId, message } }),
    ),
  );
  const known = executions.flatMap(({ metadata, spec }) => [metadata?.id ?? '', spec?.sessionId ?? '']);
  const text = fc.oneof(
    fc.constantFrom(...known, agentId, 'quiet', 'agentic.stigmer.ai/v1', 'Agent', 'AgentExecution'),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
  );
  expect(rpcs.length).toBeGreaterThan(15);
  for (const rpc of rpcs) {
    const answers: RawAnswer[] = [];
    const property = fc.asyncProperty(arbitraryRequest(rpc, { text, headers }), async (request) => {
      answers.push(await send(request, rpc));
    });
    await fc.assert(property, { seed, numRuns: RUNS_PER_RPC });
    // Had every request been turned away at the door, nothing would be said about the RPC.
    expect(new Set(answers.map(({ code }) => code)).size).toBeGreaterThan(1);
  }
}, 240_000);

test('a message above the limit is refused by every RPC', async () => {
  for (const rpc of rpcs) {
    // What is left unread of one request counts against the next ones of its connection.
    using own = rawConnection(stigmer.url);
    const body = new Uint8Array(5 * 1024 * 1024);
    const unary = rpc.method.methodKind === 'unary';
    const type = unary ? 'application/proto' : 'application/connect+proto';
    const { code } = await send(
      { path: rpc.path, headers: { ...headers, 'content-type': type }, body },
      rpc,
      own,
    );
    expect([rpc.path, code]).toEqual([rpc.path, unary ? 'resource_exhausted' : expect.anything()]);
  }
}, 240_000);
