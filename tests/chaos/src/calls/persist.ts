import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 250;

/** Tries again until it succeeds or the signal fires: what is asked of a system under faults may fail at any time. */
export async function persist<Value>(
  attempt: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Value | undefined> {
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch {
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
