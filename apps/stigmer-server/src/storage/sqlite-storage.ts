import { access, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ExecutionId, executionId } from '@token-handshake/core';
import { immediateSqliteDialect, SqliteLedger } from '@token-handshake/core/callee';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, type Transaction } from 'kysely';
import { migrateToLatest } from './migrate.ts';
import type { ServerDatabase } from './schema.ts';
import type { SecretBox } from './secret-box.ts';
import { SqliteAgentStore } from './sqlite-agent-store.ts';
import { SqliteExecutionStore } from './sqlite-execution-store.ts';
import type { Storage, Stores } from './storage.ts';
import { StorageError } from './storage-error.ts';

/** What {@link openSqliteStorage} takes. */
export interface SqliteStorageOptions {
  /** The database file; it and its folder are created where they are missing. */
  readonly file: string;
  readonly box: SecretBox;
}

/** How long a write waits for another process. The wait blocks this process, so it is short. */
const BUSY_TIMEOUT_MS = 500;

/**
 * Opens the database and brings it to this version.
 *
 * @throws StorageError when the file cannot be opened, or belongs to a newer version of the program.
 */
export async function openSqliteStorage({ file, box }: SqliteStorageOptions): Promise<Storage> {
  const database = await openFile(file);
  const db = new Kysely<ServerDatabase>({ dialect: immediateSqliteDialect(database) });
  try {
    await migrateToLatest(db, file);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const ledger = new SqliteLedger<ServerDatabase>(db);
  const within = (trx: Transaction<ServerDatabase>): Stores => ({
    agents: new SqliteAgentStore(trx),
    executions: new SqliteExecutionStore(trx, box),
    ledger: ledger.within(trx),
  });
  return {
    agents: new SqliteAgentStore(db),
    executions: new SqliteExecutionStore(db, box),
    ledger,
    transaction: (work) => db.transaction().execute((trx) => work(within(trx))),
    openCallsBegunAt: () => openCallsBegunAt(db),
    unfinishedCancels: (before, limit) => unfinishedCancels(db, before, limit),
    backup: (target) => copyTo(database, target),
    close: () => db.destroy(),
  };
}

async function openCallsBegunAt(db: Kysely<ServerDatabase>): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('calls')
    .select('start_requested_at')
    .where('state', '=', 'open')
    .where('generation', '>', 0)
    .execute();
  return rows.map((row) => row.start_requested_at);
}

async function unfinishedCancels(
  db: Kysely<ServerDatabase>,
  before: number,
  limit: number,
): Promise<readonly ExecutionId[]> {
  const rows = await db
    .selectFrom('calls')
    .innerJoin('executions', 'executions.id', 'calls.execution_id')
    .select('executions.id')
    .where('calls.cancel_at', '<', before)
    .where('executions.final_at', 'is', null)
    .orderBy('calls.cancel_at')
    .limit(limit)
    .execute();
  return rows.map((row) => executionId(row.id));
}

async function openFile(file: string): Promise<SqliteDatabase.Database> {
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    const database = new SqliteDatabase(path, { timeout: BUSY_TIMEOUT_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    return database;
  } catch (cause) {
    throw new StorageError('DATABASE_OPEN', `expected a database at "${path}": ${reason(cause)}`, { cause });
  }
}

async function copyTo(database: SqliteDatabase.Database, target: string): Promise<void> {
  const path = resolve(target);
  if (await exists(path)) {
    throw new StorageError('DATABASE_OPEN', `"${path}" exists already: name a file that does not exist yet`);
  }
  await mkdir(dirname(path), { recursive: true });
  await database.backup(path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
