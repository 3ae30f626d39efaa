import { type ChildProcess, spawn } from 'node:child_process';
import { splitLines } from './split-lines.ts';

/** How many of a child's latest lines an error message can show. */
const TAIL_LINES = 40;

/** A grandchild may hold the child's outputs open; its last lines are not waited for any longer than this. */
const LAST_OUTPUT_MS = 500;

/** Tells a service that its standard input is a pipe from its launcher, whose end means: finish, nobody is left. */
const PARENT_PIPE = { TOKEN_HANDSHAKE_PARENT_PIPE: '1' };

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** Gets every line of both outputs, in the order in which they arrive. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A started process that leads a process group of its own. */
export interface Child {
  readonly pid: number;
  /** Resolves, in words, when the process is gone and its output read: "exit code 1", "signal SIGKILL". */
  readonly ended: Promise<string>;
  isAlive(): boolean;
  /** Its latest lines, for error messages. */
  tail(): string;
  /** Sends a signal to the process alone, and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /**
   * Asks the process to end (SIGTERM), ends its whole group by force after `graceMs`, and resolves when it is
   * gone. May be called again at any time.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a process that is told to end when this one is gone, however it went: its standard input is a pipe
 * that the kernel closes then. Ctrl-C in the terminal does not reach it, so that whoever started it can end
 * things in order.
 *
 * @throws the spawn error (`ENOENT`, `EACCES`) when the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, options.args, {
    env: { ...options.env, ...PARENT_PIPE },
    cwd: options.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // The child is free to close its end first.
  child.stdin.on('error', () => {});
  const latest: string[] = [];
  const onLine = (line: string) => {
    latest.push(line);
    if (latest.length > TAIL_LINES) latest.shift();
    options.onLine?.(line);
  };
  splitLines(child.stdout, onLine);
  splitLines(child.stderr, onLine);

  const ended = untilEnded(child);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid as number;
  const isAlive = () => child.exitCode === null && child.signalCode === null;

  return {
    pid,
    ended,
    isAlive,
    tail: () => latest.join('\n'),
    signal: (signal) => {
      child.kill(signal);
    },
    async stop(graceMs) {
      if (isAlive()) child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(pid), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function untilEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, LAST_OUTPUT_MS);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(how);
      });
    });
  });
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    // The last process of the group ended between the time-out and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
