import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import SqliteDatabase from 'better-sqlite3';
import { SecretBox } from './storage/secret-box.ts';
import { openSqliteStorage } from './storage/sqlite-storage.ts';

describe('stigmer-server backup', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-backup-'));
    file = join(folder, 'stigmer.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('copies a database that is in use, without its key', async () => {
    const box = new SecretBox([randomBytes(32)]);
    await using live = await open(box);
    await insert(live.storage, 'aex_1');
    const target = join(folder, 'backups', 'copy.db');
    expect(await backup(target)).toEqual({ code: 0, stdout: `${target}\n`, stderr: '' });
    await insert(live.storage, 'aex_2');
    const copy = await openSqliteStorage({ file: target, box });
    expect(await copy.executions.find(executionId('aex_1'))).toBeDefined();
    expect(await copy.executions.find(executionId('aex_2'))).toBeUndefined();
    await copy.close();
    const again = await backup(target);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') });
  });

  test('copies a database of another version as it is', async () => {
    const raw = new SqliteDatabase(file);
    raw.exec('create table of_another_version (a); insert into of_another_version values (7)');
    raw.close();
    const target = join(folder, 'copy.db');
    expect(await backup(target)).toMatchObject({ code: 0 });
    for (const path of [file, target]) {
      const opened = new SqliteDatabase(path, { readonly: true });
      const names = opened.prepare("select name from sqlite_master where type = 'table'").pluck().all();
      expect(names).toEqual(['of_another_version']);
      opened.close();
    }
  });

  test('of a file that is not there fails in words, and makes none', async () => {
    const { code, stdout, stderr } = await backup(join(folder, 'copy.db'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`expected a database at "${file}"`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(access(join(folder, 'copy.db'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  const open = async (box: SecretBox) => {
    const storage = await openSqliteStorage({ file, box });
    return { storage, [Symbol.asyncDispose]: () => storage.close() };
  };

  const insert = (storage: Awaited<ReturnType<typeof openSqliteStorage>>, id: string) =>
    storage.executions.insert({ execution: create(AgentExecutionSchema, { metadata: { id } }), now: 1 });

  const backup = (target: string) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const env = { PATH: process.env['PATH'], STIGMER_DB: file };
    return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        ['--conditions=@token-handshake/source', main, 'backup', target],
        { env },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  };
});
