import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startBoundProcess } from '../bound-process.ts';
import { cacheFolder } from '../cache-folder.ts';
import { TESTED_CLI_VERSION } from '../tested-version.ts';
import { takeBuildLock } from './build-lock.ts';
import { checkProgram } from './check-program.ts';
import { findPrograms } from './programs.ts';
import { reasonOf, type WayContext, type WayResult } from './way.ts';

const PACKAGE = `github.com/temporalio/cli/cmd/temporal@${TESTED_CLI_VERSION}`;
const PROGRESS_EVERY_MS = 5_000;
const STOP_GRACE_MS = 2_000;
const BUILD_PREFIX = '.build-';

/** The folder of the built program; the version in its name makes room for the next one beside it. */
export function goBuildFolder(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), `temporal-cli-${TESTED_CLI_VERSION}`);
}

/** What an earlier build left in the cache. */
export async function findGoBuild({ env, signal }: WayContext): Promise<WayResult> {
  return checkProgram(join(goBuildFolder(env), 'temporal'), env, signal);
}

/** Builds the CLI with Go into the cache, once however many processes ask for it at the same time. */
export async function buildWithGo(context: WayContext): Promise<WayResult> {
  const { env, report, signal } = context;
  const [go] = await findPrograms('go', env);
  if (go === undefined) return { reason: 'there is no "go" on the PATH' };
  const folder = goBuildFolder(env);
  const executable = join(folder, 'temporal');
  await mkdir(folder, { recursive: true });
  const lock = await takeBuildLock(folder, { what: 'the Temporal CLI', report, signal });
  try {
    // Whoever held the lock before may have built it.
    const built = await checkProgram(executable, env, signal);
    if ('executable' in built) return built;
    const scratch = await makeScratchFolder(folder);
    try {
      await runGo(go, scratch, context);
      const result = await checkProgram(join(scratch, 'temporal'), env, signal);
      if ('reason' in result) return result;
      await rename(result.executable, executable);
      return { ...result, executable };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } catch (error) {
    signal?.throwIfAborted();
    return { reason: reasonOf(error) };
  } finally {
    lock.release();
  }
}

/** Under the lock every other scratch folder belongs to a build that died. */
async function makeScratchFolder(folder: string): Promise<string> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(BUILD_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  return mkdtemp(join(folder, BUILD_PREFIX));
}

async function runGo(go: string, scratch: string, { env, report, signal }: WayContext): Promise<void> {
  signal?.throwIfAborted();
  report(`building the Temporal CLI ${TESTED_CLI_VERSION} with Go: 2 to 5 minutes, once`);
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  // In the scratch folder no go.mod or go.work of the caller's folder has a say.
  const build = await startBoundProcess(go, ['install', PACKAGE], {
    env: { ...env, GOBIN: scratch },
    cwd: scratch,
  });
  const progress = setInterval(
    () => report(`building the Temporal CLI, ${elapsed()} so far`),
    PROGRESS_EVERY_MS,
  );
  const stop = () => void build.stop('SIGTERM', STOP_GRACE_MS);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const how = await build.ended;
    signal?.throwIfAborted();
    if (how !== 'exit code 0') throw new Error(`"go install ${PACKAGE}" ended with ${how}: ${build.tail()}`);
    report(`the Temporal CLI was built in ${elapsed()}`);
  } finally {
    clearInterval(progress);
    signal?.removeEventListener('abort', stop);
  }
}
