import type { Readiness } from '../http/readiness.ts';
import type { Logger } from '../logging/create-logger.ts';
import { createBackOff } from './back-off.ts';
import {
  openConnection,
  type TemporalConnection,
  type TemporalConnectionOptions,
} from './temporal-connection.ts';
import { reasonOf, TemporalUnreachableError } from './unreachable-error.ts';

/** A try that hangs (a firewall that drops packets) is given up after this time. */
const tryTimeoutMs = 10_000;

/** What {@link connectForever} takes. */
export interface ConnectForeverOptions extends TemporalConnectionOptions {
  readonly logger: Logger;
  /** Gets the check `temporal`. Default: nobody is told. */
  readonly readiness?: Readiness;
  /** Ends the trying: the promise rejects with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Connects to Temporal however long it takes to appear: tries again after 100 ms, doubling up to 10 s, with
 * jitter. Says why at warn level when the reason is new, else at debug level.
 */
export async function connectForever(options: ConnectForeverOptions): Promise<TemporalConnection> {
  const { address, namespace, logger, readiness, signal } = options;
  const backOff = createBackOff(signal);
  let lastReason: string | undefined;
  readiness?.set('temporal', { ready: false, reason: `connecting to ${address}` });
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const connection = await openWithin(options, tryTimeoutMs, signal);
      logger.info({ address, namespace, attempt }, 'connected to Temporal');
      readiness?.set('temporal', { ready: true });
      return connection;
    } catch (error) {
      signal.throwIfAborted();
      const reason = reasonOf(error);
      readiness?.set('temporal', { ready: false, reason: `cannot reach ${address}: ${reason}` });
      const level = reason === lastReason ? 'debug' : 'warn';
      logger[level]({ address, attempt, err: error }, 'Temporal cannot be reached; trying again');
      lastReason = reason;
      await backOff.wait();
    }
  }
}

/** What {@link connectWithin} takes. */
export interface ConnectWithinOptions extends TemporalConnectionOptions {
  /** For how long a server that is not there is tried. Default: 3 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * For commands: connects, or gives up.
 *
 * @throws TemporalUnreachableError, which carries the exit code for it (69).
 */
export async function connectWithin(options: ConnectWithinOptions): Promise<TemporalConnection> {
  const { address, timeoutMs = 3_000, signal } = options;
  const endsAt = performance.now() + timeoutMs;
  const time = AbortSignal.timeout(timeoutMs);
  const backOff = createBackOff(signal === undefined ? time : AbortSignal.any([time, signal]));
  for (;;) {
    try {
      return await openWithin(options, Math.max(1, endsAt - performance.now()), signal);
    } catch (error) {
      signal?.throwIfAborted();
      const another = await backOff.wait().then(
        () => true,
        () => false,
      );
      signal?.throwIfAborted();
      if (!another) throw new TemporalUnreachableError(address, { cause: error });
    }
  }
}

/** One try. A connection that comes after all is closed again. */
async function openWithin(
  options: TemporalConnectionOptions,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<TemporalConnection> {
  const opening = openConnection(options);
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no answer within ${Math.round(timeoutMs)} ms`)),
    timeoutMs,
  );
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([opening, givenUp]);
  } catch (error) {
    opening
      .then(
        (late) => late.close(),
        () => {},
      )
      .catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
