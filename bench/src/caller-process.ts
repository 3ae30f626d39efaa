import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const KILL_GRACE_MS = 10_000;

/** What the caller's process says. */
export type CallerMessage =
  | { readonly kind: 'ready' }
  /** Base64 of the task token of an activity of the shape `limit`. */
  | { readonly kind: 'token'; readonly taskToken: string };

/** What {@link startCaller} takes. */
export interface CallerOptions {
  readonly address: string;
  readonly namespace: string;
  /** `http://host:port` of Stigmer. */
  readonly stigmerUrl: string;
  /** Gets each task token as it comes. */
  readonly onToken: (taskToken: Uint8Array) => void;
  readonly signal: AbortSignal;
}

/** The process of the callers of the bench's own shapes. */
export interface CallerProcess extends AsyncDisposable {
  /** Resolves, in words, when the process has ended. */
  readonly ended: Promise<string>;
}

/**
 * Starts the worker of the bench's own shapes as a process, and waits until it polls. Ctrl-C in the terminal does not
 * reach it: it ends when the channel to this process is closed, also by this process's death.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export async function startCaller(options: CallerOptions): Promise<CallerProcess> {
  const { address, namespace, stigmerUrl, onToken, signal } = options;
  const child = fork(join(import.meta.dirname, 'caller.ts'), [address, namespace, stigmerUrl], {
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
  const ready = Promise.withResolvers<void>();
  const onAbort = () => ready.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  child.on('message', (message) => {
    const said = message as CallerMessage;
    if (said.kind === 'ready') ready.resolve();
    else onToken(Buffer.from(said.taskToken, 'base64'));
  });
  void ended.then(
    (how) => ready.reject(new Error(`expected the caller's process to be ready, but it ended with ${how}`)),
    ready.reject,
  );
  try {
    signal.throwIfAborted();
    await ready.promise;
    return { ended, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
