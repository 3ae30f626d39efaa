import type { SqliteStatement } from 'kysely';
import type { ImmediateSqliteDatabase } from './immediate-dialect.ts';

/** More than the queries there are; those that list ids have a text for each length. */
const MOST_STATEMENTS = 500;

/**
 * The same connection, which prepares each text once: Kysely prepares for every query, which takes as long as most of
 * them run. Of more than {@link MOST_STATEMENTS} texts the one that was not used for longest is forgotten. SQLite
 * itself prepares anew what a change of the schema has made out of date.
 */
export function withStatementCache(database: ImmediateSqliteDatabase): ImmediateSqliteDatabase {
  const statements = new Map<string, CachedStatement>();
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    close() {
      statements.clear();
      database.close();
    },
    prepare(sql) {
      const known = statements.get(sql);
      // One that is being stepped through has to be left alone.
      if (known?.busy === true) return database.prepare(sql);
      const statement: CachedStatement = known ?? database.prepare(sql);
      statements.delete(sql);
      statements.set(sql, statement);
      const [oldest] = statements.size > MOST_STATEMENTS ? statements.keys() : [];
      if (oldest !== undefined) statements.delete(oldest);
      return statement;
    },
  };
}

/** `busy` is better-sqlite3's: rows of it are being read one by one. */
interface CachedStatement extends SqliteStatement {
  readonly busy?: boolean;
}
