import { type ExecutionId, executionId } from '@token-handshake/core';
import { immediateSqliteDialect, SqliteLedger } from '@token-handshake/core/callee';
import type { Database } from 'better-sqlite3';
import { Kysely, type Transaction } from 'kysely';
import { BUSY_TIMEOUT_MS, copyDatabase, openDatabaseFile } from './database-file.ts';
import { migrateToLatest } from './migrate.ts';
import type { ServerDatabase } from './schema.ts';
import type { SecretBox } from './secret-box.ts';
import { SqliteAgentStore } from './sqlite-agent-store.ts';
import { SqliteConversationStore } from './sqlite-conversation-store.ts';
import { SqliteExecutionStore } from './sqlite-execution-store.ts';
import { SqliteSessionStore } from './sqlite-session-store.ts';
import type { Storage, Stores } from './storage.ts';

/** What {@link openSqliteStorage} takes. */
export interface SqliteStorageOptions {
  /** The database file; it and its folder are created where they are missing. */
  readonly file: string;
  readonly box: SecretBox;
}

/**
 * Opens the database and brings it to this version.
 *
 * @throws StorageError when the file cannot be opened, or belongs to a newer version of the program.
 */
export async function openSqliteStorage({ file, box }: SqliteStorageOptions): Promise<Storage> {
  return sqliteStorage(await openDatabaseFile(file), { file, box });
}

/** The storage on a connection that {@link openDatabaseFile} made; closes it in the end, or when it cannot be used. */
export async function sqliteStorage(
  database: Database,
  { file, box }: SqliteStorageOptions,
): Promise<Storage> {
  const db = new Kysely<ServerDatabase>({ dialect: immediateSqliteDialect(database) });
  try {
    await migrateToLatest(db, file);
  } catch (error) {
    database.close();
    throw error;
  }
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const ledger = new SqliteLedger<ServerDatabase>(db);
  const within = (trx: Transaction<ServerDatabase>): Stores => ({
    agents: new SqliteAgentStore(trx),
    executions: new SqliteExecutionStore(trx, box),
    ledger: ledger.within(trx),
    sessions: new SqliteSessionStore(trx),
    conversations: new SqliteConversationStore(trx),
  });
  return {
    agents: new SqliteAgentStore(db),
    executions: new SqliteExecutionStore(db, box),
    ledger,
    sessions: new SqliteSessionStore(db),
    conversations: new SqliteConversationStore(db),
    transaction: (work) => db.transaction().execute((trx) => work(within(trx))),
    openCallsBegunAt: () => openCallsBegunAt(db),
    closedWithoutEnd: (now, limit) => closedWithoutEnd(db, now, limit),
    forgettable: (request) => forgettable(db, request),
    backup: (target) => copyDatabase(database, target),
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

async function closedWithoutEnd(
  db: Kysely<ServerDatabase>,
  now: number,
  limit: number,
): Promise<readonly ExecutionId[]> {
  const rows = await db
    .selectFrom('executions')
    .innerJoin('calls', 'calls.execution_id', 'executions.id')
    .select('executions.id')
    .where('executions.final_at', 'is', null)
    .where('calls.state', '!=', 'open')
    .where((eb) => eb('calls.sweep_at', 'is', null).or('calls.sweep_at', '<=', now))
    .orderBy('calls.sweep_at')
    .limit(limit)
    .execute();
  return rows.map((row) => executionId(row.id));
}

async function forgettable(
  db: Kysely<ServerDatabase>,
  { before, endedBefore = 0, limit }: Parameters<Storage['forgettable']>[0],
): Promise<readonly ExecutionId[]> {
  const rows = await db
    .selectFrom('executions')
    .leftJoin('calls', 'calls.execution_id', 'executions.id')
    .select('executions.id')
    .where('executions.final_at', 'is not', null)
    .where((eb) =>
      eb.or([eb('executions.deleted_at', 'is not', null), eb('executions.final_at', '<', endedBefore)]),
    )
    .where((eb) => eb.or([eb('calls.state', 'is', null), eb('calls.state', '!=', 'open')]))
    .where((eb) =>
      eb.or([
        eb('calls.call_id', 'is', null),
        eb(eb.fn.coalesce('calls.exp', 'executions.final_at'), '<', before),
      ]),
    )
    .orderBy('executions.final_at')
    .limit(limit)
    .execute();
  return rows.map((row) => executionId(row.id));
}
