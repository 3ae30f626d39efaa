import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBoundProcess } from '../bound-process.ts';
import { cacheFolder } from '../cache-folder.ts';
import { TESTED_CLI_VERSION } from '../tested-version.ts';
import { checkProgram } from './check-program.ts';
import { isProgram } from './programs.ts';
import type { WayContext, WayResult } from './way.ts';

/** Without a byte for this long there is no network worth waiting for. */
const STALL_MS = 4_500;
const DOWNLOAD_PROCESS = import.meta.url.endsWith('.ts')
  ? new URL('./download-process.ts', import.meta.url)
  : new URL('./download-process.js', import.meta.url);
const LOOK_EVERY_MS = 100;
const PROGRESS_EVERY_MS = 5_000;
const MEGABYTE = 1_000_000;

/** Where the SDK keeps its download, and under which name (its rule: `temporal-<version>`). */
export function downloadPaths(env: NodeJS.ProcessEnv): { folder: string; executable: string } {
  const folder = join(cacheFolder(env), `temporal-cli-${TESTED_CLI_VERSION}-download`);
  return { folder, executable: join(folder, `temporal-${TESTED_CLI_VERSION}`) };
}

/** What an earlier download left in the cache. */
export async function findCachedDownload({ env, signal }: WayContext): Promise<WayResult> {
  return checkProgram(downloadPaths(env).executable, env, signal);
}

/**
 * Lets the SDK download the CLI, in a process of its own: the SDK offers no deadline, and its native runtime
 * may exist only once in a process, where a worker will want to configure it. Gives up as soon as nothing has
 * arrived for {@link STALL_MS}. Two downloads at once are the SDK's to sort out, and it does.
 */
export async function downloadCli(context: WayContext): Promise<WayResult> {
  const { env, signal } = context;
  const { folder, executable } = downloadPaths(env);
  await mkdir(folder, { recursive: true });
  const download = await startBoundProcess(
    process.execPath,
    [fileURLToPath(DOWNLOAD_PROCESS), folder, TESTED_CLI_VERSION],
    { env },
  );
  const failure = await watch(executable, download.isAlive, context);
  await download.stop('SIGKILL', 0);
  signal?.throwIfAborted();
  if (failure === 'ended') return { reason: lastLine(download.tail()) };
  if (failure !== undefined) {
    await removeRemains(folder);
    return { reason: failure };
  }
  return findCachedDownload(context);
}

/** Returns nothing once the file is there, else why it is not: `ended` leaves that to the process's output. */
async function watch(
  executable: string,
  isAlive: () => boolean,
  { report, signal }: WayContext,
): Promise<string | undefined> {
  let size = 0;
  let movedAt = Date.now();
  let reportAt = movedAt + PROGRESS_EVERY_MS;
  for (;;) {
    if (await isProgram(executable)) return undefined;
    if (!isAlive()) return 'ended';
    if (signal?.aborted) return 'aborted';
    const now = Date.now();
    const newSize = await sizeOf(`${executable}.downloading`);
    if (newSize !== size) {
      size = newSize;
      movedAt = now;
    }
    if (now - movedAt >= STALL_MS) return `nothing arrived for ${STALL_MS / 1000} s`;
    if (now >= reportAt) {
      report(`downloading the Temporal CLI ${TESTED_CLI_VERSION}, ${Math.round(size / MEGABYTE)} MB so far`);
      reportAt += PROGRESS_EVERY_MS;
    }
    await delay(LOOK_EVERY_MS);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** The SDK takes a partial file for a download under way and waits a minute for it to grow. */
async function removeRemains(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.downloading')) await rm(join(folder, name), { force: true });
  }
}

function lastLine(output: string): string {
  return output.split('\n').at(-1) || 'the download ended without a word';
}
