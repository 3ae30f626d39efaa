import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';

const RETRY_MS = 250;

/**
 * A folder in the user's cache, outside of any checkout, made once by `fill`, which gets an empty folder that is
 * given its name when all went well. Of several processes that ask at once one makes it, and the others wait.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const parent = cacheFolder();
  const folder = join(parent, name);
  if (existsSync(folder)) return folder;
  await mkdir(parent, { recursive: true });
  using _lock = await takeLock(join(parent, `${name}.lock`));
  if (existsSync(folder)) return folder;
  // Under the lock every other unfinished folder belongs to a process that died.
  for (const other of await readdir(parent)) {
    if (other.startsWith(`${name}.part-`)) await rm(join(parent, other), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(parent, `${name}.part-`));
  try {
    await fill(unfinished);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** SQLite's lock on an empty file: the kernel lets go of it when its holder dies. */
async function takeLock(file: string): Promise<Disposable> {
  const database = new Database(file, { timeout: 0 });
  for (;;) {
    try {
      database.exec('begin exclusive');
      return { [Symbol.dispose]: () => database.close() };
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') {
        database.close();
        throw error;
      }
      await delay(RETRY_MS);
    }
  }
}

/** As the XDG base directory specification has it: only an absolute path counts. */
function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(configured) ? configured : join(process.env['HOME'] || homedir(), '.cache');
  return join(base, 'token-handshake');
}
