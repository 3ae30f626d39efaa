import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { CompiledQuery, Kysely, type Logger } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { ExecutionId } from '../ids.ts';
import { ledgerSuite } from '../testing/ledger.suite.ts';
import type { AdmitRequest } from './ledger.ts';
import { immediateSqliteDialect } from './sqlite/immediate-dialect.ts';
import { ledgerMigrations } from './sqlite/migrations.ts';
import type { LedgerDatabase } from './sqlite/schema.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

function open(file: string, log?: Logger): Kysely<LedgerDatabase> {
  const database = new Database(file, { timeout: 5_000 });
  database.pragma('journal_mode = WAL');
  database.pragma('foreign_keys = ON');
  return new Kysely<LedgerDatabase>({ dialect: immediateSqliteDialect(database), ...(log && { log }) });
}

/** What SQLite would do, step by step. */
async function explain(db: Kysely<LedgerDatabase>, query: string, parameters: readonly unknown[]) {
  const { rows } = await db.executeQuery<{ opcode: string; p1: number; p4: string | null }>(
    CompiledQuery.raw(`explain ${query}`, [...parameters]),
  );
  return rows;
}

async function migrate(db: Kysely<LedgerDatabase>): Promise<void> {
  const provider = { getMigrations: async () => ({ ...ledgerMigrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
}

const REQUEST: AdmitRequest = {
  executionId: 'aex_1' as ExecutionId,
  principal: 'anonymous',
  bodySha256: 'body',
  onCallerGone: 'cancel',
  now: 1_750_000_000_000,
};

describe('SqliteLedger', () => {
  for (const { name, run } of ledgerSuite) {
    test(name, async () => {
      await using db = open(':memory:');
      await migrate(db);
      await run(new SqliteLedger(db));
    });
  }

  test('the load of beats, counted each second, is answered without a look at any row', async () => {
    const queries: CompiledQuery[] = [];
    await using db = open(':memory:', ({ query }) => void queries.push(query));
    await migrate(db);
    queries.length = 0;
    await new SqliteLedger(db).beatLoads();
    expect(queries).toHaveLength(1);
    const [query] = queries as [CompiledQuery];
    const steps = await explain(db, query.sql, query.parameters);
    // What is opened with the description of a key is an index; a table is opened with the number of its columns.
    const opened = steps.filter(({ opcode }) => opcode === 'OpenRead');
    const tables = opened.filter(({ p4 }) => !p4?.startsWith('k(')).map(({ p1 }) => p1);
    expect(opened.length).toBeGreaterThan(tables.length);
    expect(steps.filter(({ opcode, p1 }) => opcode === 'Column' && tables.includes(p1))).toEqual([]);
  });

  test('an admission within a transaction of the application is gone when that is rolled back', async () => {
    await using db = open(':memory:');
    await migrate(db);
    const ledger = new SqliteLedger(db);
    const attempt = db.transaction().execute(async (trx) => {
      expect(await ledger.within(trx).admit(REQUEST)).toMatchObject({ kind: 'created' });
      throw new Error('the application could not write its own part');
    });
    await expect(attempt).rejects.toThrow('its own part');
    expect(await ledger.find(REQUEST.executionId)).toBeUndefined();
  });

  test('two processes on one file admit each call once, whoever reads first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    try {
      const file = join(folder, 'ledger.db');
      await using db = open(file);
      await migrate(db);
      const answers = await Promise.all([admitInAnotherProcess(file, 'a'), admitInAnotherProcess(file, 'b')]);
      const created = answers.flat().filter((kind) => kind === 'created');
      expect(answers.flat()).toHaveLength(100);
      expect(created).toHaveLength(50);
      expect(await new SqliteLedger(db).unstarted(Date.now(), 100)).toHaveLength(50);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Admits 50 calls, the same ones in each process. Within one process two connections would only wait for each other. */
async function admitInAnotherProcess(file: string, name: string): Promise<string[]> {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
    import { Kysely } from ${JSON.stringify(import.meta.resolve('kysely'))};
    import { immediateSqliteDialect } from ${url('./sqlite/immediate-dialect.ts')};
    import { SqliteLedger } from ${url('./sqlite-ledger.ts')};
    const db = new Kysely({ dialect: immediateSqliteDialect(new Database(${JSON.stringify(file)}, { timeout: 20000 })) });
    const ledger = new SqliteLedger(db);
    const request = ${JSON.stringify(REQUEST)};
    const kinds = [];
    for (let i = 0; i < 50; i += 1) {
      const admission = await ledger.admit({ ...request, executionId: 'aex_${name}_' + i, callId: 'call-' + i });
      kinds.push(admission.kind);
    }
    await db.destroy();
    console.log(JSON.stringify(kinds));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@token-handshake/source',
    '--input-type=module',
    '-e',
    script,
  ]);
  return JSON.parse(stdout) as string[];
}
