import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OwnProcessName } from './process-names.ts';

const KILL_GRACE_MS = 10_000;

/** One of the bench's own processes, ready. */
export interface OwnProcess<Ready> extends AsyncDisposable {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** Resolves, in words, when the process has ended. */
  readonly ended: Promise<string>;
}

/**
 * Starts one of the bench's own processes, and waits until its workers poll. Ctrl-C in the terminal does not reach it:
 * it ends when the channel to this process is closed, also by this process's death.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export async function startProcess<Ready>(
  name: OwnProcessName,
  settings: object,
  signal: AbortSignal,
): Promise<OwnProcess<Ready>> {
  const child = fork(join(import.meta.dirname, name, 'main.ts'), [JSON.stringify(settings)], {
    execArgv: ['--conditions=source'],
    detached: true,
  });
  const ended = once(child, 'exit').then(([code, by]) =>
    by === null ? `exit code ${code}` : `signal ${by}`,
  );
  const stop = async () => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    await ended.finally(() => clearTimeout(timer));
  };
  const ready = Promise.withResolvers<Ready>();
  const onAbort = () => ready.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  child.once('message', (message) => ready.resolve(message as Ready));
  void ended.then(
    (how) => ready.reject(new Error(`expected the ${name}'s process to be ready, but it ended with ${how}`)),
    ready.reject,
  );
  try {
    signal.throwIfAborted();
    return { ready: await ready.promise, pid: child.pid ?? 0, ended, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
