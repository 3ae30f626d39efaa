import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../report.ts';

const RETRY_MS = 250;
const PROGRESS_EVERY_MS = 5_000;
const SQLITE_BUSY = 5;

export interface BuildLock {
  release(): void;
}

export interface BuildLockOptions {
  /** What is built under it, for the report while another process does so. */
  readonly what: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits for the folder's lock and takes it. It is SQLite's lock on an empty file: the kernel lets go of it
 * when its holder dies, so there is no stale lock to judge and no race between two who judge it.
 *
 * @throws the reason of `signal` when that is aborted while waiting.
 */
export async function takeBuildLock(
  folder: string,
  { what, report, signal }: BuildLockOptions,
): Promise<BuildLock> {
  const started = Date.now();
  let reportAt = started;
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    while (!tryLock(database)) {
      if (Date.now() >= reportAt) {
        const seconds = Math.round((Date.now() - started) / 1000);
        report(`another process is building ${what}: waiting for it, ${seconds} s so far`);
        reportAt += PROGRESS_EVERY_MS;
      }
      await delay(RETRY_MS, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    database.close();
    signal?.throwIfAborted();
    throw error;
  }
  return { release: () => database.close() };
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
