import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` until the signal aborts, with `intervalMs` (give or take a tenth, so that servers spread) in between. */
export async function every(
  intervalMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await work();
    await pause(intervalMs * (0.9 + Math.random() * 0.2), signal);
  }
}

/** Waits, at most until the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
