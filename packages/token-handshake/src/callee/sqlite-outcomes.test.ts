import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { ExecutionId } from '../ids.ts';
import { immediateSqliteDialect } from './sqlite/immediate-dialect.ts';
import { ledgerMigrations } from './sqlite/migrations.ts';
import { type OutcomeDatabase, outcomeMigrations, SqliteOutcomes } from './sqlite-outcomes.ts';

test('the first outcome of an execution stays, and everybody is told that one', async () => {
  await using db = new Kysely<OutcomeDatabase>({ dialect: immediateSqliteDialect(new Database(':memory:')) });
  const provider = { getMigrations: async () => ({ ...ledgerMigrations, ...outcomeMigrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  expect(error).toBeUndefined();
  const outcomes = new SqliteOutcomes(db);
  const id = 'aex_1' as ExecutionId;
  expect(await outcomes.outcome(id)).toBeUndefined();
  const first = { completed: { text: 'first' } };
  expect(await outcomes.store(id, first)).toEqual({ final: first, stored: true });
  expect(await outcomes.store(id, { cancelled: null })).toEqual({ final: first, stored: false });
  expect(await outcomes.outcome(id)).toEqual(first);
});
