import type { Logger } from '../logging/create-logger.ts';

/** Something that a scope ends. */
export interface Closeable {
  close(): unknown;
}

/** Why a scope ends. */
export interface StopReason {
  /** For the log: `SIGTERM`, `the launcher is gone`, … */
  readonly text: string;
  /** Present when the scope ends because something failed. */
  readonly error?: unknown;
}

/** One lifetime: what is added in order is closed in reverse order. */
export interface Scope {
  /** Aborted, with the reason's text, as soon as the end begins: long waits and streams watch it. */
  readonly signal: AbortSignal;
  /**
   * Takes over a started resource and gives it back: `const http = scope.add('http', await …)`. Added after
   * the end began, it is closed all the same.
   */
  add<Resource extends Closeable>(name: string, resource: Resource): Resource;
  /** Asks for an orderly end. The first reason counts. */
  stop(reason: string): void;
  /** Asks for an orderly end because something failed for good: the process ends with exit code 1. */
  fail(error: unknown): void;
}

/** A scope together with the means to end it. */
export interface OwnedScope extends Scope {
  /** Resolves when somebody asks for the end. */
  readonly stopRequested: Promise<StopReason>;
  /**
   * Closes everything in reverse order; a resource that fails to close is logged and does not keep the
   * others open. Resolves to the errors.
   */
  close(): Promise<unknown[]>;
  /** The resource being closed at the moment, for the message of a shutdown that hangs. */
  closing(): string | undefined;
}

/** Makes a scope. {@link runService} makes the one of a process; tests make their own. */
export function createScope(logger: Logger): OwnedScope {
  const resources: { name: string; resource: Closeable }[] = [];
  const controller = new AbortController();
  const { promise: stopRequested, resolve } = Promise.withResolvers<StopReason>();
  let current: string | undefined;
  let closed: Promise<unknown[]> | undefined;

  const end = (reason: StopReason) => {
    if (controller.signal.aborted) return;
    controller.abort(new Error(`the service is stopping: ${reason.text}`));
    resolve(reason);
  };

  const closeAll = async () => {
    const errors: unknown[] = [];
    for (let entry = resources.pop(); entry !== undefined; entry = resources.pop()) {
      current = entry.name;
      try {
        await entry.resource.close();
        logger.debug({ resource: entry.name }, 'closed');
      } catch (error) {
        errors.push(error);
        logger.error({ err: error, resource: entry.name }, 'closing failed');
      }
    }
    current = undefined;
    return errors;
  };

  return {
    signal: controller.signal,
    stopRequested,
    add(name, resource) {
      resources.push({ name, resource });
      return resource;
    },
    stop: (reason) => end({ text: reason }),
    fail: (error) => end({ text: 'something failed', error }),
    close() {
      end({ text: 'closed' });
      closed ??= closeAll();
      // What was added while the rest was being closed is closed as well.
      return closed.then(async (errors) =>
        resources.length === 0 ? errors : [...errors, ...(await closeAll())],
      );
    },
    closing: () => current,
  };
}
