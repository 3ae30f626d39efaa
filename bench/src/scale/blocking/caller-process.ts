import { join } from 'node:path';
import { forkUntilReady } from '../../processes/fork-until-ready.ts';

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
 * Starts the worker of the blocking callers as a process, and waits until it polls.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export function startBlockingCaller(options: BlockingCallerOptions): Promise<AsyncDisposable> {
  const { temporal, stigmerUrl, slots, signal } = options;
  return forkUntilReady({
    name: 'the blocking caller',
    file: join(import.meta.dirname, 'caller.ts'),
    args: [temporal.address, temporal.namespace, stigmerUrl, String(slots)],
    signal,
  });
}
