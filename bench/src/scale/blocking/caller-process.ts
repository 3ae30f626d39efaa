import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { unlessAborted } from '../time-bound.ts';

const KILL_GRACE_MS = 10_000;

/** What the process says once it polls. */
export const READY = 'ready';

/** The queue of the blocking callers. */
export const BLOCKING_TASK_QUEUE = 'scale-blocking';

/** What {@link startBlockingCaller} takes. */
export interface BlockingCallerOptions {
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** `http://host:port` of Stigmer. */
  readonly stigmerUrl: string;
  /** Slots for activities. */
  readonly slots: number;
  readonly signal: AbortSignal;
}

/**
 * Starts the worker of the blocking callers as a process, and waits until it polls. It ends when the channel to this
 * process is closed, also by this process's death.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export async function startBlockingCaller(options: BlockingCallerOptions): Promise<AsyncDisposable> {
  const { temporal, stigmerUrl, slots, signal } = options;
  const child = fork(
    join(import.meta.dirname, 'caller.ts'),
    [temporal.address, temporal.namespace, stigmerUrl, String(slots)],
    { execArgv: ['--conditions=source'], detached: true },
  );
  const ended = once(child, 'exit').then(([code, by]) =>
    by === null ? `exit code ${code}` : `signal ${by}`,
  );
  const stop = async () => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    await ended.finally(() => clearTimeout(timer));
  };
  const ready = Promise.withResolvers<void>();
  child.on('message', () => ready.resolve());
  void ended.then(
    (how) => ready.reject(new Error(`expected the blocking caller to be ready, but it ended with ${how}`)),
    ready.reject,
  );
  try {
    await unlessAborted(signal, ready.promise);
    return { [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
