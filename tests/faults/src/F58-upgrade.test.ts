import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { apiKeyEntry, formatApiKeyFile, makeApiKey } from '@token-handshake/service-kit';
import { startTestServer } from '@token-handshake/temporal-dev';
import {
  eventually,
  readDatabase,
  startSystem,
  type TemporaryFolder,
  temporaryFolder,
} from '@token-handshake/test-kit';
import { bundleOf, replay, startExistingCaller } from '@token-handshake/test-kit/workers';
import { endOf, finish, outcomeOf, runsOf } from './upgrade/ends.ts';
import { unpackFolder } from './upgrade/packed-folder.ts';
import { RECORDING, type RecordedHistories, type RecordedRelease } from './upgrade/release.ts';
import { ANSWERS_FOLDER } from './upgrade/waiter.ts';

const fixture = resolve(import.meta.dirname, '../fixtures/release-0.1.0');
const CALLERS = 20;
/** Temporal gives work again that a killed worker had, and tries attempts again, each after some seconds. */
const ANSWERED_MS = 120_000;
/** A caller that took its answer from an acknowledgement is asked about after the grace of its token. */
const CLOSED_MS = 150_000;

let folder: TemporaryFolder;
const at = (...path: readonly string[]) => join(folder.path, ...path);
const read = async <T>(name: string) => JSON.parse(await readFile(at(name), 'utf8')) as T;

beforeEach(async () => {
  folder = await temporaryFolder();
  await unpackFolder(fixture, folder.path);
});
afterEach(async () => {
  await folder?.[Symbol.asyncDispose]();
});

test('F58 20 calls that wait when the first release is killed are all answered by this one', async () => {
  const { calls, ...recorded } = await read<RecordedRelease>(RECORDING.release);
  const callers = calls.flatMap((call) =>
    call.workflowId === undefined ? [] : { ...call, workflowId: call.workflowId },
  );
  expect(callers).toHaveLength(CALLERS);

  // These are databases of that release, and all of the calls wait in them.
  const query = <Row>(sql: string) => readDatabase<Row>(at(RECORDING.system, 'data/stigmer.db'), sql);
  const migrations = () =>
    query<{ name: string }>('select name from kysely_migration').map(({ name }) => name);
  const executions = () => query<{ id: string }>('select id from executions order by id').map(({ id }) => id);
  const known = [...calls.map(({ executionId }) => executionId), ...recorded.answeredBefore].toSorted();
  expect(migrations().toSorted()).toEqual(recorded.migrations);
  expect(executions()).toEqual(known);
  expect(query("select execution_id from calls where state = 'open'")).toHaveLength(calls.length);
  const databaseFile = at(RECORDING.temporal);
  await using temporal = await startTestServer({ ignoreAddress: true, databaseFile });
  const connection = await Connection.connect({ address: temporal.address });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => connection.close());
  const client = new Client({ connection, namespace: temporal.namespace });
  for (const { workflowId, executionId } of callers) {
    for (const id of [workflowId, executionId]) {
      expect((await client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
    }
  }

  // The first release asked nobody who they are, so that its calls belong to nobody in particular: as its operator is
  // told to, the worker gets a key of that principal.
  const apiKey = makeApiKey();
  const apiKeysFile = at('api-keys.json');
  const entry = apiKeyEntry(apiKey, { principal: 'anonymous', scopes: ['caller'] });
  await writeFile(apiKeysFile, formatApiKeyFile([entry]));
  const files = at(RECORDING.system, 'files');
  await using system = await startSystem({
    folder: at(RECORDING.system),
    temporal,
    anonymousListener: true,
    env: {
      stigmer: {
        [ANSWERS_FOLDER]: files,
        RAW_TOKENS: 'allow',
        CALLBACK_ACTIVITY_TYPES: 'CallAgentActivity',
        STIGMER_API_KEYS_FILE: apiKeysFile,
      },
      zigflow: { STIGMER_API_KEY: apiKey },
    },
  });
  await using _existing = await startExistingCaller(system);
  await Promise.all(calls.map((call) => finish(client, files, call)));

  const waiting = new Set(callers.map(({ workflowId }) => workflowId));
  const answered = async () => {
    for (const id of waiting) {
      const { status } = await client.workflow.getHandle(id).describe();
      if (status.name === 'RUNNING') throw new Error(`waiting: ${[...waiting].join(', ')}`);
      waiting.delete(id);
    }
    return true;
  };
  await eventually(answered, { timeoutMs: ANSWERED_MS, what: 'the answers to all callers' });
  const outcomes = callers.map(async ({ name, workflowId }) => [name, await outcomeOf(client, workflowId)]);
  expect(Object.fromEntries(await Promise.all(outcomes))).toEqual(
    Object.fromEntries(callers.map((call) => [call.name, endOf(call)])),
  );

  // No call got a second execution, and whatever was left without a runner ran once more and for itself.
  expect(executions()).toEqual(known);
  for (const call of calls) {
    const expected = call.state.kind === 'without a runner' ? [call.executionId] : [];
    const runs = await runsOf(files, call);
    // This one's runner is taken for dead after 3 s, for which a busy machine can be silent; it runs again then.
    expect([call.name, call.name === 'lost' ? [...new Set(runs)] : runs]).toEqual([call.name, expected]);
  }
  // A row is closed after its caller was told, by whatever brings the news.
  const rows = () =>
    new Map(
      system
        .query<{ execution_id: string; state: string }>('select execution_id, state from calls')
        .map((row) => [row.execution_id, row.state]),
    );
  await eventually(
    () => {
      const untold = calls.filter(({ executionId }) => rows().get(executionId) === 'open');
      if (untold.length > 0) throw new Error(`open: ${untold.map(({ name }) => name).join(', ')}`);
      return true;
    },
    { timeoutMs: CLOSED_MS, what: 'the end of all calls' },
  );
  for (const { name, executionId, workflowId } of calls) {
    const told = workflowId === undefined ? 'skipped' : expect.stringMatching(/^(delivered|collected)$/);
    expect([name, rows().get(executionId)]).toEqual([name, told]);
  }
  expect(migrations()).toEqual(expect.arrayContaining([...recorded.migrations]));
}, 400_000);

test('F58 the workflows that the first release left open replay on the code of this one', async () => {
  const { callers, callees } = await read<RecordedHistories>(RECORDING.histories);
  expect(callees).toHaveLength(CALLERS + 1);
  const interpreter = await bundleOf('zigflow-worker');
  const server = await bundleOf('stigmer-server');
  for (const caller of callers) expect(await replay(interpreter, caller)).toBeUndefined();
  for (const callee of callees) expect(await replay(server, callee)).toBeUndefined();

  const changed = { code: server.code.replaceAll('ExecuteGraphton', 'ExecuteOtherwise') };
  const [first] = callees;
  expect(first && (await replay(changed, first))?.message).toContain('ExecuteGraphton');
}, 240_000);
