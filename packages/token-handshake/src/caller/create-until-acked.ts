import type { HandOffRequest, ResolvedHandOffOptions } from './options.ts';

/** First wait between two tries; it doubles up to the longest, and each is jittered down to a half. */
const FIRST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 3_000;

/** How a series of tries ended. */
export type CreateResult<Ack> =
  | { readonly kind: 'acked'; readonly ack: Ack; readonly tryNumber: number }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'timed_out'; readonly lastError: unknown; readonly tries: number };

/** What each try sends, the bounds of all of them, and who is told of failures. */
export interface CreateSeries {
  readonly request: Omit<HandOffRequest, 'tryNumber' | 'signal' | 'timeoutMs'>;
  readonly totalTimeoutMs: number;
  /** Aborts when the activity is cancelled. */
  readonly cancelled: AbortSignal;
  readonly onTryFailed: (tryNumber: number, error: unknown, willRetry: boolean) => void;
}

/**
 * Calls `create` until it is answered or refused, or the time is up. The deadline is one for all tries, waits
 * included: once this has returned, nothing more is sent.
 *
 * @throws the reason of `cancelled`, as soon as that aborts
 */
export async function createUntilAcked<Ack>(
  {
    create,
    classify,
    tryTimeoutMs,
  }: Pick<ResolvedHandOffOptions<Ack>, 'create' | 'classify' | 'tryTimeoutMs'>,
  series: CreateSeries,
): Promise<CreateResult<Ack>> {
  const deadline = performance.now() + series.totalTimeoutMs;
  const leftMs = () => deadline - performance.now();
  for (let tryNumber = 1; ; tryNumber++) {
    const timeoutMs = Math.max(1, Math.floor(Math.min(tryTimeoutMs, leftMs())));
    try {
      const ack = await within(timeoutMs, series.cancelled, (signal) =>
        create({ ...series.request, tryNumber, signal, timeoutMs }),
      );
      return { kind: 'acked', ack, tryNumber };
    } catch (error) {
      series.cancelled.throwIfAborted();
      const refused = classify(error) === 'refused';
      const waitMs = backOffMs(tryNumber);
      const willRetry = !refused && waitMs < leftMs();
      series.onTryFailed(tryNumber, error, willRetry);
      if (refused) return { kind: 'refused', error };
      if (!willRetry) return { kind: 'timed_out', lastError: error, tries: tryNumber };
      await pause(waitMs, series.cancelled);
    }
  }
}

function backOffMs(tryNumber: number): number {
  const full = Math.min(FIRST_BACK_OFF_MS * 2 ** (tryNumber - 1), LONGEST_BACK_OFF_MS);
  return full * (0.5 + Math.random() / 2);
}

/** Runs one try with a signal of its own, and ends with that signal even if the try does not listen to it. */
async function within<T>(
  timeoutMs: number,
  cancelled: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  cancelled.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const cancel = () => controller.abort(cancelled.reason);
  cancelled.addEventListener('abort', cancel, { once: true });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  try {
    return await Promise.race([run(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', cancel);
  }
}

/** Waits, and ends early by throwing when the activity is cancelled. */
async function pause(ms: number, cancelled: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const cancel = () => reject(cancelled.reason);
  cancelled.addEventListener('abort', cancel, { once: true });
  try {
    cancelled.throwIfAborted();
    await promise;
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', cancel);
  }
}
