import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { apiKeyEntry, formatApiKeyFile, makeApiKey } from '@token-handshake/service-kit';
import {
  startTestStigmer,
  type TestClients,
  type TestStigmer,
  testClients,
} from '../testing/test-stigmer.suite.ts';

const keys = { ada: makeApiKey(), bob: makeApiKey(), runner: makeApiKey() };
const entries = [
  apiKeyEntry(keys.ada, { principal: 'ada', scopes: ['caller'] }),
  apiKeyEntry(keys.bob, { principal: 'bob', scopes: ['caller'] }),
  apiKeyEntry(keys.runner, { principal: 'runner', scopes: ['runner'] }),
];

// No Temporal serves here: who may see what does not depend on it.
let stigmer: TestStigmer;
let agentId: string;
let ada: TestClients;
let bob: TestClients;
let runner: TestClients;

beforeAll(async () => {
  stigmer = await startTestStigmer({ agents: { quiet: { summarizer: {} } }, apiKeys: entries });
  agentId = await stigmer.agentId('quiet');
  ada = testClients(stigmer.url, `Bearer ${keys.ada}`);
  bob = testClients(stigmer.url, `Bearer ${keys.bob}`);
  runner = testClients(stigmer.url, `Bearer ${keys.runner}`);
});
afterAll(async () => {
  for (const clients of [ada, bob, runner]) clients?.[Symbol.dispose]();
  await stigmer?.[Symbol.asyncDispose]();
});

interface Fields {
  readonly sessionId?: string;
  readonly agentId?: string;
  readonly key?: string;
}

const create = async (clients: TestClients | TestStigmer, fields: Fields = {}) => {
  const headers = fields.key === undefined ? {} : { 'Idempotency-Key': fields.key };
  const { metadata, spec } = await clients.executionCommands.create(
    {
      metadata: { name: 'test' },
      spec: { agentId: fields.agentId ?? agentId, message: 'hello', sessionId: fields.sessionId ?? '' },
    },
    { headers },
  );
  return { id: metadata?.id ?? '', sessionId: spec?.sessionId ?? '' };
};

const answerOf = async (call: Promise<unknown>) => {
  const error = ConnectError.from(
    await call.then(
      () => new Error('was answered'),
      (reason: unknown) => reason,
    ),
  );
  return [Code[error.code], error.metadata.get('error-code'), error.rawMessage] as const;
};

const first = async (stream: AsyncIterable<unknown>) => {
  for await (const item of stream) return item;
  return undefined;
};

const idsOf = (list: { entries: { metadata?: { id: string } | undefined }[] }) =>
  list.entries.map(({ metadata }) => metadata?.id);

describe('somebody else’s execution', () => {
  let id: string;
  beforeEach(async () => {
    ({ id } = await create(ada));
  });

  const asks: [string, (clients: TestClients, id: string) => Promise<unknown>][] = [
    ['get', ({ executions }, value) => executions.get({ value })],
    ['subscribe', ({ executions }, value) => first(executions.subscribe({ value }))],
    ['cancel', ({ executionCommands }, executionId) => executionCommands.cancel({ executionId })],
    ['delete', ({ executionCommands }, value) => executionCommands.delete({ value })],
    [
      'update',
      ({ executionCommands }, given) =>
        executionCommands.update({
          metadata: { id: given, name: 'mine now' },
          spec: { message: 'x', agentId },
        }),
    ],
  ];

  test.each(asks)(
    'does not exist for %s, in the words for an id that was never given',
    async (_name, ask) => {
      const before = stigmer.service.context.storage.executions.find(id as never);
      const [code, name, words] = await answerOf(ask(bob, id));
      const unknown = await answerOf(ask(bob, 'aex_unknown'));
      expect([code, name]).toEqual(['NotFound', 'EXECUTION_NOT_FOUND']);
      expect(words.replaceAll(id, 'aex_unknown')).toBe(unknown[2]);
      expect(await stigmer.service.context.storage.executions.find(id as never)).toEqual(await before);
      // The owner is answered, so that the refusal means something.
      expect(await ask(ada, id)).toBeDefined();
    },
  );

  test('takes no status but from a runner', async () => {
    const report = { executionId: id, status: { messages: [{ content: 'so far' }] } };
    for (const clients of [ada, bob]) {
      expect((await answerOf(clients.executionCommands.updateStatus(report)))[1]).toBe('SCOPE_MISSING');
    }
    const told = await runner.executionCommands.updateStatus(report);
    expect(told.status?.messages.map(({ content }) => content)).toEqual(['so far']);
  });

  test('is in no list but its owner’s and the operator’s', async () => {
    const other = await create(bob);
    expect(idsOf(await ada.executions.list({}))).toContain(id);
    expect(idsOf(await ada.executions.list({}))).not.toContain(other.id);
    expect(idsOf(await bob.executions.list({}))).not.toContain(id);
    expect(idsOf(await stigmer.executions.list({}))).toEqual(expect.arrayContaining([id, other.id]));
    expect((await answerOf(runner.executions.list({})))[0]).toBe('PermissionDenied');
  });
});

describe('somebody else’s session', () => {
  test('does not exist, with an agent named and without', async () => {
    const { id, sessionId } = await create(ada);
    for (const named of [agentId, '']) {
      const [code, name] = await answerOf(create(bob, { sessionId, agentId: named }));
      expect([code, name]).toEqual(['NotFound', 'SESSION_NOT_FOUND']);
    }
    expect(idsOf(await bob.executions.listBySession({ sessionId }))).toEqual([]);
    expect(idsOf(await ada.executions.listBySession({ sessionId }))).toEqual([id]);
    // Its owner and operators go on with it.
    const second = await create(ada, { sessionId, agentId: '' });
    const third = await create(stigmer, { sessionId });
    expect(second.sessionId).toBe(sessionId);
    expect(idsOf(await ada.executions.listBySession({ sessionId }))).toEqual([second.id, id]);
    expect(idsOf(await stigmer.executions.listBySession({ sessionId }))).toContain(third.id);
  });
});

test('somebody else’s idempotency key is simply unseen', async () => {
  const key = `key-${crypto.randomUUID()}`;
  const { id } = await create(ada, { key });
  expect((await create(ada, { key })).id).toBe(id);
  expect((await create(bob, { key })).id).not.toBe(id);
});

test('agents are an operator’s to change', async () => {
  const agent = { metadata: { name: 'mine' }, spec: { instructions: 'Do as you like, please.' } };
  for (const clients of [ada, runner]) {
    for (const method of ['apply', 'create', 'update'] as const) {
      expect((await answerOf(clients.agentCommands[method](agent)))[1]).toBe('SCOPE_MISSING');
    }
    expect((await answerOf(clients.agentCommands.delete({ value: agentId })))[1]).toBe('SCOPE_MISSING');
  }
  expect((await ada.agents.get({ value: agentId })).metadata?.id).toBe(agentId);
});

test('a key that is taken out of the file, or whose file is broken, is seen at the next reading', async () => {
  await using server = await startTestStigmer({ apiKeys: entries });
  using clients = testClients(server.url, `Bearer ${keys.ada}`);
  const file = join(server.folder, 'api-keys.json');
  await clients.executions.list({});
  await writeFile(file, 'no key file');
  await expect(server.service.reload()).rejects.toThrow(/STIGMER_API_KEYS_FILE/);
  await clients.executions.list({});
  await writeFile(file, formatApiKeyFile(entries.slice(1)));
  await server.service.reload();
  expect((await answerOf(clients.executions.list({})))[1]).toBe('CREDENTIALS_REFUSED');
  expect(await refusals(server)).toContain('stigmer_access_refusals_total{reason="unknown"} 1');
});

describe('a server in development mode', () => {
  test('lets everybody do anything, but not with wrong credentials', async () => {
    await using server = await startTestStigmer({ env: { STIGMER_MODE: 'development' }, apiKeys: entries });
    using nobody = testClients(server.url);
    expect(idsOf(await nobody.executions.list({}))).toEqual([]);
    using stranger = testClients(server.url, `Bearer ${makeApiKey()}`);
    expect((await answerOf(stranger.executions.list({})))[1]).toBe('CREDENTIALS_REFUSED');
    using known = testClients(server.url, `Bearer ${keys.runner}`);
    expect((await answerOf(known.executions.list({})))[1]).toBe('SCOPE_MISSING');
  });
});

describe('the anonymous listener', () => {
  test('is closed unless its address is set', () => {
    expect(stigmer.service.anonymousHttp).toBeUndefined();
  });

  test('admits to create and look-up without credentials, and to nothing else', async () => {
    await using server = await startTestStigmer({
      agents: { quiet: { summarizer: {} } },
      apiKeys: entries,
      env: { STIGMER_ANONYMOUS_LISTEN: '127.0.0.1:0' },
    });
    const { url = '' } = server.service.anonymousHttp?.address() ?? {};
    using nobody = testClients(url);
    const found = await nobody.agents.getByReference({ slug: 'quiet', kind: 40 });
    expect(found.spec).toBeUndefined();
    const { id } = await create(nobody, { agentId: found.metadata?.id ?? '' });
    expect((await server.service.context.storage.ledger.find(id as never))?.principal).toBe('anonymous');
    for (const call of [
      nobody.executions.get({ value: id }),
      nobody.executions.list({}),
      nobody.executionCommands.cancel({ executionId: id }),
      nobody.agents.list({}),
      nobody.agentCommands.delete({ value: agentId }),
    ]) {
      expect((await answerOf(call))[1]).toBe('SCOPE_MISSING');
    }
    using known = testClients(url, `Bearer ${keys.ada}`);
    expect((await answerOf(known.agents.list({})))[1]).toBe('CREDENTIALS_REFUSED');
    // What is for operators is not shown here.
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: false });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // Nor is the main address open to those without credentials.
    using outside = testClients(server.url);
    expect((await answerOf(outside.agents.getByReference({ slug: 'quiet', kind: 40 })))[1]).toBe(
      'CREDENTIALS_REFUSED',
    );
  });
});

async function refusals({ url }: TestStigmer): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
