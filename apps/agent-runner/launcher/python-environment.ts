import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, takeBuildLock } from '@token-handshake/temporal-dev';
import { RUNNER_FOLDER } from './runner-folder.ts';

const run = promisify(execFile);

/** Tried in this order, after `PYTHON`. */
const PROGRAMS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
const OLDEST = [3, 11] as const;
/** Written last: without it an environment is half made. */
const READY = 'ready';

/** No Python that can be used, or its packages could not be installed. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
}

export interface EnvironmentOptions {
  /** A file of this package with every package's version and hashes. */
  readonly requirements: 'requirements.txt' | 'requirements-dev.txt';
  /** Gets a line for each step that takes long. */
  readonly report: (line: string) => void;
  /** Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A virtual environment that has what was asked for. */
export interface PythonEnvironment {
  /** Path of its interpreter. */
  readonly python: string;
}

/**
 * Finds or makes the virtual environment of these requirements, under the cache folder: one for each set of
 * requirements and version of Python, so that checkouts share it and none is ever changed. Of two that make it at
 * once, one waits for the other.
 *
 * @throws {@link PythonError}
 */
export async function pythonEnvironment(options: EnvironmentOptions): Promise<PythonEnvironment> {
  const { report, env = process.env } = options;
  const requirements = join(RUNNER_FOLDER, options.requirements);
  const { program, version } = await findPython(env);
  const key = createHash('sha256')
    .update(await readFile(requirements))
    .update(`${version} ${process.platform} ${process.arch}`)
    .digest('hex')
    .slice(0, 16);
  const folder = join(cacheFolder(env), 'python', key);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(join(folder, READY))) return { python };
  const locks = join(cacheFolder(env), 'python', `${key}.lock`);
  await mkdir(locks, { recursive: true });
  const lock = await takeBuildLock(locks, { what: 'Python packages', report, signal: undefined });
  try {
    if (existsSync(join(folder, READY))) return { python };
    report(`installing Python packages for the agent runner (Python ${version}): about a minute, once`);
    await rm(folder, { recursive: true, force: true });
    await install(program, ['-m', 'venv', folder], env);
    await install(
      python,
      ['-m', 'pip', 'install', '--quiet', '--require-hashes', '--requirement', requirements],
      env,
    );
    await writeFile(join(folder, READY), '');
    return { python };
  } finally {
    lock.release();
  }
}

async function findPython(env: NodeJS.ProcessEnv): Promise<{ program: string; version: string }> {
  const named = env['PYTHON'];
  const tried: string[] = [];
  for (const program of named ? [named] : PROGRAMS) {
    const version = await versionOf(program, env);
    if (version === undefined) continue;
    if (isEnough(version)) return { program, version };
    tried.push(`${program} is ${version}`);
  }
  throw new PythonError(
    `expected Python ${OLDEST.join('.')} or newer ${named ? `as ${named} (PYTHON)` : 'on the PATH'}, found ` +
      `${tried.join(', ') || 'none'}: install it, or set PYTHON to its path`,
  );
}

async function versionOf(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await run(
      program,
      ['-c', 'import sys; print(".".join(map(str, sys.version_info[:3])))'],
      { env },
    );
    return stdout.trim();
  } catch {
    // Not there, or one of the shims that say so only when they are asked.
    return undefined;
  }
}

function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function install(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new PythonError(`${command} cannot be started: ${error.message}`)));
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new PythonError(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-4_000)}`);
  }
}
