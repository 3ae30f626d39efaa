import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { withStatementCache } from './statement-cache.ts';

/** What the dialect needs of a connection of `better-sqlite3`. */
export interface ImmediateSqliteDatabase extends SqliteDatabase {
  /** Whether a transaction is open on this connection. */
  readonly inTransaction: boolean;
}

/**
 * Kysely's SQLite dialect with transactions that take the write lock at once (`BEGIN IMMEDIATE`).
 *
 * Kysely begins deferred: a transaction that reads first and writes later fails with `SQLITE_BUSY` when a second
 * process wrote in between, whatever the busy time-out. The ledger's transactions read, decide and write, so two
 * processes on one file need this. Open the file with WAL, `synchronous = FULL`, `foreign_keys = ON` and a busy
 * time-out.
 *
 * All pending migrations run in one such transaction: one that is cut short leaves nothing, and of two processes that
 * open a new file the second waits for the first.
 *
 * @see https://www.sqlite.org/lang_transaction.html
 */
export function immediateSqliteDialect(database: ImmediateSqliteDatabase): SqliteDialect {
  return new ImmediateSqliteDialect(database);
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: ImmediateSqliteDatabase;

  constructor(database: ImmediateSqliteDatabase) {
    const prepared = withStatementCache(database);
    super({ database: prepared });
    this.#database = prepared;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#database);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  readonly #database: ImmediateSqliteDatabase;

  constructor(database: ImmediateSqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /**
   * A full disk or a failed write makes SQLite roll back by itself. A second rollback would fail, and its error would
   * hide the one that tells what happened.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite's schema changes are part of the transaction that they are made in. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
