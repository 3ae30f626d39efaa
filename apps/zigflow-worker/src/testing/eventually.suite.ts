import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is neither false nor undefined. */
export async function eventually<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 60_000,
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > endsAt) throw new Error(`expected ${what} within ${timeoutMs} ms`);
    await sleep(20);
  }
}
