import { setTimeout as sleep } from 'node:timers/promises';
import { unlessAborted } from '../unless-aborted.ts';

const LOOK_EVERY_MS = 500;

/** Why a run ends before it is complete: its time is over. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp';
}

/** A signal that fires with {@link TimeUp} as its reason. Disposing takes its timer away. */
export function timeBound(limitMs: number): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeUp(`the time of ${limitMs / 60_000} minutes was over`)),
    limitMs,
  );
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Waits, and rejects with the signal's reason when that fires. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await unlessAborted(signal, sleep(ms, undefined, { ref: false }));
}

/** How a condition is waited for. */
export interface UntilOptions {
  readonly signal: AbortSignal;
  /** What is waited for, for the message. */
  readonly what: string;
  /** How long nothing may change. */
  readonly stallMs: number;
}

/**
 * Looks again and again until nothing is left.
 *
 * @throws Error when what is left has not changed for too long, or the signal's reason
 */
export async function untilNoneLeft(
  left: () => Promise<number>,
  { signal, what, stallMs }: UntilOptions,
): Promise<void> {
  let newest = Number.NaN;
  let since = performance.now();
  for (;;) {
    const now = await unlessAborted(signal, left());
    if (now <= 0) return;
    if (now !== newest) since = performance.now();
    if (performance.now() - since > stallMs) {
      throw new Error(`expected ${what}, but ${now} are left, and none went within ${stallMs / 1_000} s`);
    }
    newest = now;
    await pauseFor(LOOK_EVERY_MS, signal);
  }
}
