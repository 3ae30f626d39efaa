import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';

/**
 * Kysely's SQLite dialect with transactions that take the write lock at once (`BEGIN IMMEDIATE`).
 *
 * Kysely begins deferred: a transaction that reads first and writes later fails with `SQLITE_BUSY` when a second
 * process wrote in between, whatever the busy time-out. The ledger's transactions read, decide and write, so two
 * processes on one file need this. Open the file with WAL, `synchronous = FULL`, `foreign_keys = ON` and a busy
 * time-out.
 *
 * @see https://www.sqlite.org/lang_transaction.html
 */
export function immediateSqliteDialect(database: SqliteDialectConfig['database']): SqliteDialect {
  return new ImmediateSqliteDialect({ database });
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#config);
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}
