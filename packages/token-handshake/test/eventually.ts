import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until there is an answer; the test's own time-out is the limit of patience. */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs = 15_000,
): Promise<NonNullable<T>> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`Nothing came within ${withinMs} ms.`);
    await sleep(10);
  }
}
