import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.suite.ts';

/** A command as a process of its own. */
export interface Command extends AsyncDisposable {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves once standard error holds this. */
  says(text: string | RegExp): Promise<void>;
  /** Waits for something while the command runs; throws when the command ends before. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Resolves with the exit code, and how long the process lived. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly elapsedMs: number }>;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Runs `zigflow` from its sources, in an environment of its own. */
export function zigflow(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Command {
  const startedAt = performance.now();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--conditions=@token-handshake/source', main, ...args], {
    env: { PATH, HOME, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const ended = once(child, 'close').then(([exitCode]) => ({
    exitCode: exitCode as number | null,
    elapsedMs: performance.now() - startedAt,
  }));
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    during(work) {
      const early = ended.then(({ exitCode }) => {
        throw new Error(`expected the command to run on, but it ended with ${exitCode}: ${stderr}`);
      });
      return Promise.race([work, early]);
    },
    async says(text) {
      const found = () => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr));
      await eventually(
        () => found() || child.exitCode !== null,
        `"${text}" on standard error, got: ${stderr}`,
        90_000,
      );
      if (!found()) throw new Error(`expected "${text}" on standard error, but the command ended: ${stderr}`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
