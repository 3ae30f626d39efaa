import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 25;

/** How long a condition may take to come true. */
export interface EventuallyOptions {
  /** Default: 20 s, which no healthy step of the system needs. */
  readonly timeoutMs?: number;
  /** What is waited for, in words, for the message of the failure. */
  readonly what?: string;
}

/**
 * Calls `check` again and again until it returns something other than `undefined`, `null` and `false`, and
 * returns that. A `check` that throws has not come true yet.
 *
 * @throws Error when the time is over, with the last error of `check` as its cause.
 */
export async function eventually<Value>(
  check: () => Promise<Value> | Value,
  options: EventuallyOptions = {},
): Promise<Exclude<Value, undefined | null | false>> {
  const { timeoutMs = 20_000, what = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<Value, undefined | null | false>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(PAUSE_MS);
  } while (Date.now() < deadline);
  const last = cause === undefined ? '' : `; the last try said: ${String((cause as Error).message ?? cause)}`;
  throw new Error(`expected ${what} to come true within ${timeoutMs / 1_000} s, but it did not${last}`, {
    cause,
  });
}
