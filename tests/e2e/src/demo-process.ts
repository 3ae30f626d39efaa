import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, processesOf, type TemporaryFolder, temporaryFolder } from '@token-handshake/test-kit';

const repositoryRoot = join(import.meta.dirname, '../../..');

/** A demo that runs. */
export interface DemoProcess extends AsyncDisposable {
  /** Its outermost process. */
  readonly pid: number;
  /** All it wrote, without colours. */
  output(): string;
  /** Waits until it has written something. */
  shows(text: string): Promise<void>;
  /** Presses Ctrl-C on its terminal. */
  ctrlC(): void;
  /** Resolves with the exit code when the outermost process has ended; undefined after a signal. */
  readonly ended: Promise<number | undefined>;
  /** Waits until no process of the demo runs any more and its temporary folder is gone. */
  nothingLeft(timeoutMs: number): Promise<void>;
}

/**
 * Starts a program of this repository with a folder for temporary files of its own, by which all its processes are
 * found: it is in their environment. The end of the fixture ends what is left.
 */
export async function startDemo(command: readonly string[]): Promise<DemoProcess> {
  const folder: TemporaryFolder = await temporaryFolder();
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: repositoryRoot,
    env: { ...process.env, TMPDIR: folder.path, NO_COLOR: '1', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.stdin.on('error', () => {});
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  const left = async () => {
    const processes = (await processesOf(folder.path)).map(({ pid, command: text }) => `${pid} ${text}`);
    const folders = (await readdir(folder.path)).filter((name) => name.startsWith('token-handshake-'));
    return [...processes, ...folders];
  };
  return {
    pid: child.pid as number,
    output: () => output,
    ended,
    async shows(text) {
      const what = `the demo to show "${text}"`;
      const found = () =>
        output.includes(text) || (child.exitCode !== null && Promise.reject(new Error('it ended')));
      await eventually(found, { timeoutMs: 120_000, what }).catch((cause: unknown) => {
        throw new Error(`expected ${what}; it showed:\n${output}`, { cause });
      });
    },
    ctrlC: () => child.stdin.write('ctrl-c\n'),
    async nothingLeft(timeoutMs) {
      const none = async () => {
        const found = await left();
        if (found.length > 0) throw new Error(found.join('\n'));
        return true;
      };
      await eventually(none, { timeoutMs, what: 'every process of the demo to end' });
    },
    async [Symbol.asyncDispose]() {
      for (const { pid } of await processesOf(folder.path)) process.kill(pid, 'SIGKILL');
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Runs a command of this repository on a terminal. */
export function onTerminal(command: readonly string[]): string[] {
  return ['python3', join(import.meta.dirname, 'pseudo-terminal.py'), ...command];
}
