import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `look` gives something truthy, and returns it. In vain it is ended by the test's time limit. */
export async function eventually<T>(look: () => Promise<T> | T): Promise<NonNullable<Exclude<T, false>>> {
  for (;;) {
    const found = await look();
    if (found) return found as NonNullable<Exclude<T, false>>;
    await sleep(20);
  }
}
