import Database from 'better-sqlite3';

/** Reads rows of a SQLite file that another process writes; nothing is locked or changed. */
export function readDatabase<Row>(file: string, sql: string, parameters: readonly unknown[] = []): Row[] {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return database.prepare(sql).all(...parameters) as Row[];
  } finally {
    database.close();
  }
}
