import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { apiKeyEntry, formatApiKeyFile, makeApiKey, parseApiKeyFile } from '@token-handshake/service-kit';
import {
  agent,
  answersWhenFileExists,
  callAgent,
  eventually,
  type StigmerClients,
  type System,
  startSystem,
  stigmerClients,
  writeWhole,
} from '@token-handshake/test-kit';

const keys = { stranger: makeApiKey(), owner: makeApiKey(), runner: makeApiKey(), old: makeApiKey() };
const IN_PROGRESS = ExecutionPhase.EXECUTION_IN_PROGRESS;
const asks = callAgent({ workflowType: 'asks', agent: 'waits' });

let system: System;
let answer: string;
/** The execution that Zigflow waits for. */
let id: string;
let result: Promise<unknown>;
const open: StigmerClients[] = [];

const clients = (key?: string) => {
  const made = stigmerClients(`http://${system.stack.addresses.stigmer}`, key);
  open.push(made);
  return made;
};

beforeAll(async () => {
  system = await startSystem({
    agents: (folder) => {
      answer = join(folder, 'answer');
      return [agent({ slug: 'waits', runtime: answersWhenFileExists(answer) })];
    },
    workflows: [asks],
  });
  await addKeys();
  const started = await system.start(asks, { text: 'go' });
  result = started.result();
  result.catch(() => {});
  id = await eventually(
    () => system.query<{ id: string }>('select id from executions where phase = ?', [IN_PROGRESS])[0]?.id,
    { what: 'the agent to run' },
  );
}, 120_000);
afterAll(async () => {
  for (const each of open) each[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

/** As an operator adds them: into the file, and then SIGHUP. */
async function addKeys(): Promise<void> {
  const { stigmerApiKeysFile } = system.stack.keys;
  const entries = parseApiKeyFile(await readFile(stigmerApiKeysFile, 'utf8'));
  await writeFile(
    stigmerApiKeysFile,
    formatApiKeyFile([
      ...entries,
      apiKeyEntry(keys.stranger, { principal: 'stranger', scopes: ['caller'] }),
      apiKeyEntry(keys.owner, { principal: 'zigflow', scopes: ['caller'] }),
      apiKeyEntry(keys.runner, { principal: 'another-runner', scopes: ['runner'] }),
      apiKeyEntry(keys.old, {
        principal: 'zigflow',
        scopes: ['operator'],
        expiresAt: '2026-01-01T00:00:00Z',
      }),
    ]),
  );
  system.stack.service('stigmer').signal('SIGHUP');
  const owner = clients(keys.owner);
  await eventually(
    () =>
      owner.executions.list({}).then(
        () => true,
        () => false,
      ),
    { what: 'the server to have read the keys' },
  );
}

/** What is stored of calls, heartbeats and progress apart, for a comparison. */
const stored = () =>
  JSON.stringify([
    system.query('select execution_id, principal, state, verdict, generation, cancel_at from calls'),
    system.query('select id, phase, final_at, deleted_at, request from executions'),
    system.query('select * from bindings'),
    system.query('select * from agents'),
  ]);

/** What calls to one execution may look like; each is one that its owner, or a runner, is answered. */
const methods: Record<string, (clients: StigmerClients, executionId: string) => Promise<unknown>> = {
  get: ({ executions }, value) => executions.get({ value }),
  subscribe: async ({ executions }, value) => {
    for await (const item of executions.subscribe({ value })) return item;
    return undefined;
  },
  update: ({ executionCommands }, executionId) =>
    executionCommands.update({
      metadata: { id: executionId, name: 'taken over' },
      spec: { agentId: 'x', message: 'x' },
    }),
  cancel: ({ executionCommands }, executionId) => executionCommands.cancel({ executionId }),
  delete: ({ executionCommands }, value) => executionCommands.delete({ value }),
};
const updateStatus = ({ executionCommands }: StigmerClients, executionId: string) =>
  executionCommands.updateStatus({ executionId, status: { messages: [{ content: 'forged' }] } });
const create = ({ executionCommands }: StigmerClients) =>
  executionCommands.create({ metadata: { name: 'x' }, spec: { agentId: 'agt_x', message: 'x' } });
const lookUp = ({ agents }: StigmerClients) => agents.getByReference({ slug: 'waits', kind: 40 });
const list = ({ executions }: StigmerClients) => executions.list({});

async function refusalOf(
  call: Promise<unknown>,
): Promise<{ code: string; name: string | null; words: string }> {
  const error = ConnectError.from(
    await call.then(
      () => new Error('was answered'),
      (reason: unknown) => reason,
    ),
  );
  return { code: Code[error.code], name: error.metadata.get('error-code'), words: error.rawMessage };
}

describe('F24', () => {
  test.each<[string, string | undefined]>([
    ['no credentials', undefined],
    ['a key that nobody gave out', makeApiKey()],
    ['a key that has expired', keys.old],
    ['what is no key', 'x'],
    ['the secret of another key', `${keys.stranger.slice(0, 17)}${keys.owner.slice(17)}`],
  ])('F24 with %s nothing is answered, revealed or changed', async (_name, key) => {
    const before = stored();
    const shown = clients(key);
    const calls = [
      ...Object.values(methods).map((method) => method(shown, id)),
      ...Object.values(methods).map((method) => method(shown, 'aex_unknown')),
      updateStatus(shown, id),
      create(shown),
      lookUp(shown),
      list(shown),
    ];
    const refusals = await Promise.all(calls.map(refusalOf));
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
    expect(refusals[0]).toMatchObject({ code: 'Unauthenticated', name: 'CREDENTIALS_REFUSED' });
    for (const secret of [id, 'zigflow', 'waits', 'expired', 'unknown']) {
      expect(refusals[0]?.words).not.toContain(secret);
    }
    expect(stored()).toBe(before);
  });

  test.each(Object.keys(methods))('F24 somebody else’s execution does not exist for %s', async (name) => {
    const before = stored();
    const stranger = clients(keys.stranger);
    const refusal = await refusalOf(methods[name]?.(stranger, id) ?? Promise.resolve());
    expect(refusal).toMatchObject({ code: 'NotFound', name: 'EXECUTION_NOT_FOUND' });
    const unknown = await refusalOf(methods[name]?.(stranger, 'aex_unknown') ?? Promise.resolve());
    expect(refusal.words.replaceAll(id, 'aex_unknown')).toBe(unknown.words);
    expect(stored()).toBe(before);
  });

  test('F24 somebody else’s execution is in no list, and takes no status from a caller', async () => {
    const before = stored();
    const stranger = clients(keys.stranger);
    expect((await stranger.executions.list({})).entries).toEqual([]);
    const { spec } = await system.stigmer.executions.get({ value: id });
    const sessionId = spec?.sessionId ?? '';
    expect(sessionId).not.toBe('');
    expect((await stranger.executions.listBySession({ sessionId })).entries).toEqual([]);
    expect(await refusalOf(updateStatus(stranger, id))).toMatchObject({ name: 'SCOPE_MISSING' });
    expect(await refusalOf(lookUp(clients(keys.runner)))).toMatchObject({ words: 'was answered' });
    for (const name of ['update', 'cancel', 'delete', 'subscribe']) {
      const call = methods[name]?.(clients(keys.runner), id) ?? Promise.resolve();
      expect(await refusalOf(call)).toMatchObject({ code: 'PermissionDenied', name: 'SCOPE_MISSING' });
    }
    expect(stored()).toBe(before);
  });

  test('F24 the anonymous listener is off: the server listens at one address', () => {
    const addresses = system.log
      .lines('stigmer')
      .flatMap(({ msg, fields }) => (msg.startsWith('serving') ? String(fields['url']) : []));
    expect(addresses).toEqual([`http://${system.stack.addresses.stigmer}`]);
  });

  test('F24 after all of it the call is answered, and its owner reads it', async () => {
    await writeWhole(answer, 'the answer');
    expect(JSON.stringify(await result)).toContain('the answer');
    const mine = await clients(keys.owner).executions.list({});
    expect(mine.entries.map(({ metadata }) => metadata?.id)).toEqual([id]);
    const page = await (await fetch(`http://${system.stack.addresses.stigmer}/metrics`)).text();
    for (const reason of ['missing', 'unknown', 'expired', 'scope']) {
      expect(page).toMatch(new RegExp(`stigmer_access_refusals_total\\{reason="${reason}"\\} [1-9]`));
    }
  });
});
