import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import SqliteDatabase from 'better-sqlite3';
import { BUSY_TIMEOUT_MS, openDatabaseFile } from './database-file.ts';
import { SecretBox } from './secret-box.ts';
import { openSqliteStorage, sqliteStorage } from './sqlite-storage.ts';
import { storageSuite } from './storage.suite.ts';
import { StorageError } from './storage-error.ts';
import { storageFailure } from './storage-failure.ts';

const key = randomBytes(32);

storageSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stigmer-storage-'));
  const file = join(folder, 'data', 'stigmer.db');
  const open = () => openSqliteStorage({ file, box: new SecretBox([key]) });
  let storage = await open();
  return {
    storage,
    reopen: async () => {
      await storage.close();
      storage = await open();
      return storage;
    },
    dispose: async () => {
      await storage.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the SQLite file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-storage-'));
    file = join(folder, 'stigmer.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (...keys: Uint8Array[]) =>
    openSqliteStorage({ file, box: new SecretBox(keys.length > 0 ? keys : [key]) });

  test('is synced at every commit and checks its references', async () => {
    // These settings are the connection's: another one would show its own.
    const database = await openDatabaseFile(file);
    const storage = await sqliteStorage(database, { file, box: new SecretBox([key]) });
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    const FULL = 2;
    expect(database.pragma('synchronous', { simple: true })).toBe(FULL);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('busy_timeout', { simple: true })).toBe(BUSY_TIMEOUT_MS);
    const dangling = database.prepare("insert into execution_tags values ('aex_nobody', 'tag')");
    expect(() => dangling.run()).toThrow('FOREIGN KEY constraint failed');
    await storage.close();
  });

  test('of a newer version is refused in words, and not touched', async () => {
    await (await open()).close();
    const raw = new SqliteDatabase(file);
    raw
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('9999_server_future', 'now');
    raw.close();
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE_NEWER',
      message: expect.stringMatching(/written by a newer version .*"9999_server_future".*restore a backup/s),
    });
  });

  test('that is no database is refused in words', async () => {
    const storage = openSqliteStorage({ file: folder, box: new SecretBox([key]) });
    await expect(storage).rejects.toMatchObject({ code: 'DATABASE_OPEN' });
  });

  test('holds no byte of a secret value or a callback token', async () => {
    const storage = await open();
    const token = new TextEncoder().encode('token-that-must-not-be-stored');
    await storage.executions.insert({
      execution: create(AgentExecutionSchema, {
        metadata: { id: 'aex_1' },
        spec: {
          agentId: 'agt_1',
          message: 'm',
          callbackToken: token,
          runtimeEnv: { KEY: { value: 'value-that-must-not-be-stored', isSecret: true } },
        },
      }),
      now: 1,
    });
    const bytes = Buffer.concat(
      await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))),
    ).toString('latin1');
    expect(bytes).toContain('aex_1');
    expect(bytes).not.toContain('must-not-be-stored');
    expect(bytes).not.toContain(Buffer.from(token).toString('base64').slice(0, 20));
    await storage.close();
  });

  test('keeps secrets readable when a new key is put first, and says so when the old one is missing', async () => {
    const newer = randomBytes(32);
    const first = await open();
    const id = executionId('aex_1');
    await first.executions.insert({
      execution: create(AgentExecutionSchema, {
        metadata: { id },
        spec: { runtimeEnv: { KEY: { value: 'v', isSecret: true } } },
      }),
      now: 1,
    });
    await first.close();
    const rotated = await open(newer, key);
    expect(await rotated.executions.secrets(id)).toEqual({ KEY: 'v' });
    await rotated.close();
    const without = await open(newer);
    await expect(without.executions.secrets(id)).rejects.toThrow(StorageError);
    await without.close();
  });

  test('can be backed up while it is used, to a new file only', async () => {
    const storage = await open();
    await storage.executions.insert({
      execution: create(AgentExecutionSchema, { metadata: { id: 'aex_1' } }),
      now: 1,
    });
    const target = join(folder, 'backups', 'copy.db');
    await storage.backup(target);
    await expect(storage.backup(target)).rejects.toThrow('exists already');
    await storage.close();
    const copy = await openSqliteStorage({ file: target, box: new SecretBox([key]) });
    expect(await copy.executions.find(executionId('aex_1'))).toBeDefined();
    await copy.close();
  });

  test('held by another process is an error that may pass', async () => {
    const storage = await open();
    const other = new SqliteDatabase(file);
    other.exec('begin immediate');
    const write = storage.executions.insert({
      execution: create(AgentExecutionSchema, { metadata: { id: 'aex_1' } }),
      now: 1,
    });
    const error: unknown = await write.catch((reason: unknown) => reason);
    expect(storageFailure(error)).toMatchObject({ code: 'STORAGE_BUSY' });
    other.exec('rollback');
    other.close();
    await storage.close();
  });
});

describe('encrypted secrets', () => {
  test('cannot be moved to another execution or changed', () => {
    const box = new SecretBox([key]);
    const sealed = box.seal('aex_1', { KEY: 'v' });
    expect(box.open('aex_1', sealed)).toEqual({ KEY: 'v' });
    expect(() => box.open('aex_2', sealed)).toThrow(StorageError);
    const changed = Uint8Array.from(sealed, (byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte));
    expect(() => box.open('aex_1', changed)).toThrow(StorageError);
  });

  test('differ each time', () => {
    const box = new SecretBox([key]);
    expect(box.seal('aex_1', { KEY: 'v' })).not.toEqual(box.seal('aex_1', { KEY: 'v' }));
  });
});
