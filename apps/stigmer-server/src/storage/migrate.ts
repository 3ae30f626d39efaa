import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations as allMigrations } from './migrations.ts';
import { StorageError } from './storage-error.ts';

const MIGRATION_TABLE = 'kysely_migration';

/**
 * Brings a database to this version, in one transaction: all of it or nothing.
 *
 * @throws StorageError `DATABASE_NEWER` when it has migrations that this version does not know, `DATABASE_MIGRATION`
 * when a step fails; nothing is changed.
 */
export async function migrateToLatest<DB>(
  db: Kysely<DB>,
  file: string,
  migrations = allMigrations,
): Promise<void> {
  const unknown = (await applied(db)).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new StorageError(
      'DATABASE_NEWER',
      `the database "${file}" was written by a newer version of stigmer-server (it has "${unknown.join('", "')}"): ` +
        'start that version, or restore a backup made with this one',
    );
  }
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: MIGRATION_TABLE,
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'unknown';
  throw new StorageError(
    'DATABASE_MIGRATION',
    `the database "${file}" could not be brought to this version (step "${failed}"): nothing was changed; ` +
      'restore a backup or report the cause',
    { cause: error },
  );
}

async function applied<DB>(db: Kysely<DB>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(db);
  return rows.map((row) => row.name);
}
