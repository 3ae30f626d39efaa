import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import { runProgram } from './run-program.ts';

/** Where the Python half of the tests is. */
export const pythonFolder = resolve(import.meta.dirname, '../../python');

const REQUIREMENTS = join(pythonFolder, 'requirements.txt');
const OLDEST_MINOR = 11;
const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const PROGRESS_EVERY_MS = 5_000;

/**
 * The interpreter of a virtual environment with exactly the pinned packages. It is made on the first use, which takes
 * from seconds to minutes, and kept in the user's cache under a name that changes with the pins.
 */
export async function pythonEnvironment(): Promise<string> {
  const { command, version } = await findPython();
  const requirements = await readFile(REQUIREMENTS);
  const hash = createHash('sha256').update(version).update('\0').update(requirements).digest('hex');
  const folder = await cachedFolder(`python-e2e-${hash.slice(0, 16)}`, async (unfinished) => {
    const started = Date.now();
    const report = (words: string) =>
      process.stderr.write(`e2e: ${words}, ${Math.round((Date.now() - started) / 1_000)} s so far\n`);
    const progress = setInterval(report, PROGRESS_EVERY_MS, 'installing the packages of the Python runner');
    try {
      await runProgram(command, ['-m', 'venv', unfinished]);
      // Called as a module: the scripts of a virtual environment know the folder by the name it had at first.
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
      await runProgram(interpreterOf(unfinished), [...install, '--only-binary', ':all:', '-r', REQUIREMENTS]);
    } finally {
      clearInterval(progress);
    }
  });
  return interpreterOf(folder);
}

function interpreterOf(environment: string): string {
  return join(environment, 'bin', 'python');
}

async function findPython(): Promise<{ command: string; version: string }> {
  const found: string[] = [];
  for (const command of CANDIDATES) {
    const version = await runProgram(command, [
      '-c',
      'import sys; print(*sys.version_info[:3], sep=".")',
    ]).then(
      (output) => output.trim(),
      () => undefined,
    );
    if (version === undefined) continue;
    if (Number(version.split('.')[1]) >= OLDEST_MINOR) return { command, version };
    found.push(`${command} is ${version}`);
  }
  throw new Error(
    `expected Python 3.${OLDEST_MINOR} or later on the PATH for the runner of the tests, ` +
      `but ${found.join(', ') || 'there is none'}; install python3 with its venv module`,
  );
}
