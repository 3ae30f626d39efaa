import { fork } from 'node:child_process';
import { once } from 'node:events';
import { unlessAborted } from '../unless-aborted.ts';

const KILL_GRACE_MS = 10_000;

/** One of the bench's own processes, ready. */
export interface OwnProcess<Ready> extends AsyncDisposable {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** Resolves, in words, when the process has ended. */
  readonly ended: Promise<string>;
}

/** Which program is started. */
export interface ForkOptions {
  /** What it is called in messages. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Starts a program of the bench's from its source, and waits for its first message. Ctrl-C in the terminal does not
 * reach it: it ends when the channel to this process is closed, also by this process's death.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export async function forkUntilReady<Ready>({
  name,
  file,
  args,
  signal,
}: ForkOptions): Promise<OwnProcess<Ready>> {
  const child = fork(file, [...args], { execArgv: ['--conditions=@token-handshake/source'], detached: true });
  const ended = once(child, 'exit').then(([code, by]) =>
    by === null ? `exit code ${code}` : `signal ${by}`,
  );
  const stop = async () => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    await ended.finally(() => clearTimeout(timer));
  };
  const ready = Promise.withResolvers<Ready>();
  child.once('message', (message) => ready.resolve(message as Ready));
  void ended.then(
    (how) => ready.reject(new Error(`expected ${name} to be ready, but it ended with ${how}`)),
    ready.reject,
  );
  try {
    return {
      ready: await unlessAborted(signal, ready.promise),
      pid: child.pid ?? 0,
      ended,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
