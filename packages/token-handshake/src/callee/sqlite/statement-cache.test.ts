import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { ImmediateSqliteDatabase } from './immediate-dialect.ts';
import { withStatementCache } from './statement-cache.ts';

/** A connection that counts what is prepared. */
function counted() {
  const database = new Database(':memory:');
  database.exec('create table t (a integer)');
  const prepared: string[] = [];
  const counting: ImmediateSqliteDatabase = {
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => void database.close(),
    prepare(sql) {
      prepared.push(sql);
      return database.prepare(sql);
    },
  };
  return { database, prepared, cached: withStatementCache(counting) };
}

test('a text is prepared once, whatever it is given', () => {
  const { cached, prepared } = counted();
  for (const value of [1, 2, 3]) cached.prepare('insert into t values (?)').run([value]);
  expect(cached.prepare('select a from t where a > ?').all([1])).toEqual([{ a: 2 }, { a: 3 }]);
  expect(cached.prepare('select a from t where a > ?').all([2])).toEqual([{ a: 3 }]);
  expect(prepared).toEqual(['insert into t values (?)', 'select a from t where a > ?']);
  cached.close();
});

test('a statement that failed is good for the next try', () => {
  const { cached, database, prepared } = counted();
  database.exec('create unique index u on t (a)');
  const insert = () => cached.prepare('insert into t values (?)').run([1]);
  insert();
  expect(insert).toThrow(/UNIQUE/);
  database.exec('delete from t');
  insert();
  expect(prepared).toHaveLength(1);
});

test('rows that are read one by one do not stand in the way of the same query', () => {
  const { cached } = counted();
  for (const value of [1, 2]) cached.prepare('insert into t values (?)').run([value]);
  const rows = cached.prepare('select a from t').iterate([]);
  expect(rows.next().value).toEqual({ a: 1 });
  expect(cached.prepare('select a from t').all([])).toHaveLength(2);
  expect(rows.next().value).toEqual({ a: 2 });
  rows.return?.();
});

test('a statement sees a table that has changed since it was prepared', () => {
  const { cached, database } = counted();
  expect(cached.prepare('select * from t').all([])).toEqual([]);
  database.exec('alter table t add column b integer; insert into t values (1, 2)');
  expect(cached.prepare('select * from t').all([])).toEqual([{ a: 1, b: 2 }]);
});

test('of very many texts the ones in use are kept', () => {
  const { cached, prepared } = counted();
  for (let i = 0; i < 1_500; i += 1) {
    cached.prepare('select 1').all([]);
    cached.prepare(`select ${i} as n`).all([]);
  }
  expect(prepared.filter((sql) => sql === 'select 1')).toHaveLength(1);
  cached.prepare('select 0 as n').all([]);
  expect(prepared.filter((sql) => sql === 'select 0 as n')).toHaveLength(2);
});
