import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `--version` answers in milliseconds; the first start of a large program on a busy disk takes seconds. */
const TIMEOUT_MS = 15_000;

/**
 * The release of the server inside a Temporal CLI, such as `1.29.1`. The CLI's own version says nothing: one
 * built by Go calls itself `0.0.0-DEV`.
 *
 * @throws when the program does not run or does not name a server version.
 */
export async function serverVersionOf(
  executable: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  const { stdout } = await run(executable, ['--version'], {
    env,
    timeout: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const version = /\bServer (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) {
    throw new Error(
      `expected "--version" to name the server's version, got "${stdout.trim().slice(0, 200)}"`,
    );
  }
  return version;
}

/** Whether `version` is a lower release than `other`; both are `major.minor.patch`. */
export function isOlder(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number));
  for (const i of [0, 1, 2]) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
