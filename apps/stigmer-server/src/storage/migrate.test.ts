import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { immediateSqliteDialect } from '@token-handshake/core/callee';
import SqliteDatabase from 'better-sqlite3';
import { Kysely } from 'kysely';
import { openDatabaseFile } from './database-file.ts';
import { migrateToLatest } from './migrate.ts';
import { migrations } from './migrations.ts';
import { SecretBox } from './secret-box.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stigmer-migrate-'));
  file = join(folder, 'stigmer.db');
});
afterEach(() => rm(folder, { recursive: true }));

test('migrations that are cut short leave nothing, so that the next start works', async () => {
  const db = new Kysely<unknown>({ dialect: immediateSqliteDialect(await openDatabaseFile(file)) });
  const cut = {
    ...migrations,
    '9999_server_cut': {
      async up(trx: Kysely<unknown>) {
        await trx.schema.createTable('half').addColumn('id', 'text').execute();
        throw new Error('the power went');
      },
    },
  };
  await expect(migrateToLatest(db, file, cut)).rejects.toMatchObject({
    code: 'DATABASE_MIGRATION',
    message: expect.stringContaining('9999_server_cut'),
  });
  await db.destroy();
  expect(tables()).toEqual(['kysely_migration', 'kysely_migration_lock']);
  const storage = await openSqliteStorage({ file, box: new SecretBox([randomBytes(32)]) });
  await storage.close();
  expect(tables()).toEqual(expect.arrayContaining(['agents', 'calls', 'executions']));
});

test('a new file may be opened by several processes at once', async () => {
  const opened = await Promise.all(Array.from({ length: 4 }, openInAnotherProcess));
  expect(opened).toEqual(['open\n', 'open\n', 'open\n', 'open\n']);
  expect(tables()).toEqual(expect.arrayContaining(['agents', 'calls', 'executions']));
});

function tables(): unknown[] {
  const raw = new SqliteDatabase(file, { readonly: true });
  try {
    return raw
      .prepare(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
      )
      .pluck()
      .all();
  } finally {
    raw.close();
  }
}

async function openInAnotherProcess(): Promise<string> {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { SecretBox } from ${url('./secret-box.ts')};
    import { openSqliteStorage } from ${url('./sqlite-storage.ts')};
    const box = new SecretBox([new Uint8Array(32)]);
    const storage = await openSqliteStorage({ file: ${JSON.stringify(file)}, box });
    await storage.close();
    console.log('open');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@token-handshake/source',
    '--input-type=module',
    '-e',
    script,
  ]);
  return stdout;
}
