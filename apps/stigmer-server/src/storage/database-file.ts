import { access, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { StorageError } from './storage-error.ts';

/** How long a write waits for another process. The wait blocks this process, so it is short. */
export const BUSY_TIMEOUT_MS = 500;
/** The same at the start, when nobody is served yet and another process may be bringing the file to its version. */
const OPENING_BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens the file for a server that starts, making it and its folder where they are missing. Whoever opened it sets
 * `busy_timeout` to {@link BUSY_TIMEOUT_MS} before others are served.
 *
 * @throws StorageError `DATABASE_OPEN`
 */
export async function openDatabaseFile(file: string): Promise<SqliteDatabase.Database> {
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    const database = new SqliteDatabase(path, { timeout: OPENING_BUSY_TIMEOUT_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    return database;
  } catch (cause) {
    throw new StorageError('DATABASE_OPEN', `expected a database at "${path}": ${reason(cause)}`, { cause });
  }
}

/**
 * Writes a consistent copy of a database, which may be in use, to a file that does not exist yet. The database is only
 * read, whichever version of the program wrote it.
 *
 * @throws StorageError `DATABASE_OPEN` when there is no database, `DATABASE_COPY` when the copy cannot be written
 */
export async function backupDatabaseFile(file: string, target: string): Promise<void> {
  const path = resolve(file);
  let database: SqliteDatabase.Database;
  try {
    database = new SqliteDatabase(path, {
      fileMustExist: true,
      readonly: true,
      timeout: OPENING_BUSY_TIMEOUT_MS,
    });
  } catch (cause) {
    throw new StorageError('DATABASE_OPEN', `expected a database at "${path}": ${reason(cause)}`, { cause });
  }
  try {
    await copyDatabase(database, target);
  } finally {
    database.close();
  }
}

/**
 * Writes a consistent copy of an open database to a file that does not exist yet.
 *
 * @throws StorageError `DATABASE_COPY`
 */
export async function copyDatabase(database: SqliteDatabase.Database, target: string): Promise<void> {
  const path = resolve(target);
  if (await exists(path)) {
    throw new StorageError('DATABASE_COPY', `"${path}" exists already: name a file that does not exist yet`);
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await database.backup(path);
  } catch (cause) {
    const message = `the copy "${path}" could not be written: ${reason(cause)}`;
    throw new StorageError('DATABASE_COPY', message, { cause });
  }
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
