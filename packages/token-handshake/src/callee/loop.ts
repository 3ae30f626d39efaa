import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls that are under way when a loop is to stop may take this much longer, in milliseconds: a healthy target answers
 * in less, and one that hangs must not keep a process beyond the ten seconds that it has to end.
 */
export const STOP_MS = 3_000;

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

/** Waits for work, but for no more than `graceMs` after the signal has aborted. What it leaves behind goes on alone. */
export async function endWithin(graceMs: number, signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  try {
    await Promise.race([work, graceAfter(signal, graceMs, ended.signal)]);
  } finally {
    ended.abort();
  }
}

async function graceAfter(signal: AbortSignal, graceMs: number, ended: AbortSignal): Promise<void> {
  try {
    if (!signal.aborted) await once(signal, 'abort', { signal: ended });
  } catch (error) {
    if (!ended.aborted) throw error;
  }
  await pause(graceMs, ended);
}
