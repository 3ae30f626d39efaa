import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A lock on a database, held by a process of its own. */
export interface DatabaseLock extends AsyncDisposable {
  readonly pid: number;
  /** Ends the transaction and the process. May be called twice. */
  release(): Promise<void>;
}

/** Takes the lock, says so, and keeps it until its input ends. */
const program = `
  import Database from 'better-sqlite3';
  const database = new Database(process.argv[1], { fileMustExist: true, timeout: 30_000 });
  database.exec('BEGIN IMMEDIATE');
  process.stdout.write('locked');
  process.stdin.resume().on('end', () => {
    database.exec('ROLLBACK');
    database.close();
  });
`;

/**
 * Locks a SQLite file against all writers, from another process, with `BEGIN IMMEDIATE`. Resolves when the lock is
 * held. Readers are not disturbed.
 */
export async function lockDatabase(file: string): Promise<DatabaseLock> {
  // In this package's folder, where the driver is found.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, file], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = once(child, 'exit');
  const release = async () => {
    child.stdin.end();
    await ended;
  };
  const locked = once(child.stdout, 'data').then(() => true);
  if (!(await Promise.race([locked, ended.then(() => false)]))) {
    throw new Error(`expected "${file}" to be locked, but the process that should do it ended: ${errors}`);
  }
  return { pid: child.pid as number, release, [Symbol.asyncDispose]: release };
}
