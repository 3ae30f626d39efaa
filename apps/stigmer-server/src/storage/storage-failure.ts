import { StigmerError } from '../stigmer-error.ts';

/** What SQLite's errors mean for a client, by the beginning of their code. */
const MEANINGS = [
  {
    codes: ['SQLITE_BUSY', 'SQLITE_LOCKED'],
    code: 'STORAGE_BUSY',
    message: 'another process holds the database; try again',
  },
  {
    codes: [
      'SQLITE_FULL',
      'SQLITE_IOERR_WRITE',
      'SQLITE_IOERR_TRUNCATE',
      'SQLITE_IOERR_FSYNC',
      'SQLITE_IOERR_SHMSIZE',
    ],
    code: 'STORAGE_FULL',
    message: 'the database cannot grow: its disk is full',
  },
  {
    codes: ['SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_NOTADB', 'SQLITE_CORRUPT'],
    code: 'STORAGE_FAILED',
    message: 'the database cannot be read or written at present',
  },
] as const;

/** What a failed read or write means; `undefined` for errors that are none of the database's condition. */
export function storageFailure(error: unknown): StigmerError | undefined {
  const sqliteCode = codeOf(error);
  if (sqliteCode === undefined) return undefined;
  const meaning = MEANINGS.find(({ codes }) => codes.some((code) => sqliteCode.startsWith(code)));
  return meaning && new StigmerError(meaning.code, meaning.message, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined;
}
