import { setTimeout as sleep } from 'node:timers/promises';

const firstMs = 100;
const longestMs = 10_000;

/** Growing pauses between tries: 100 ms, doubled up to 10 s, each shortened at random by up to a half. */
export interface BackOff {
  /** Waits for the next pause; rejects with the signal's reason as soon as it is aborted. */
  wait(): Promise<void>;
  /** Begins again with the shortest pause. */
  reset(): void;
}

export function createBackOff(signal: AbortSignal, random: () => number = Math.random): BackOff {
  let next = firstMs;
  return {
    async wait() {
      const pauseMs = next * (0.5 + random() / 2);
      next = Math.min(next * 2, longestMs);
      try {
        await sleep(pauseMs, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    reset() {
      next = firstMs;
    },
  };
}
