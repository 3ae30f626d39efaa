import { expect, test } from '@jest/globals';
import { createBackOff } from './back-off.ts';

test('pauses double from 100 ms, and begin again after a reset', async () => {
  const backOff = createBackOff(new AbortController().signal, () => 0);
  const measured: number[] = [];
  for (const step of ['first', 'second', 'third', 'reset']) {
    if (step === 'reset') backOff.reset();
    const startedAt = performance.now();
    await backOff.wait();
    measured.push(performance.now() - startedAt);
  }
  // With the strongest jitter: half of 100, 200, 400, and 100 again. Timers may be late, never early.
  const least = [50, 100, 200, 50];
  for (const [index, pauseMs] of measured.entries()) expect(pauseMs).toBeGreaterThan((least[index] ?? 0) - 2);
  expect(measured[3]).toBeLessThan(measured[2] ?? 0);
});

test('a pause ends with the signal and gives its reason', async () => {
  const controller = new AbortController();
  const waiting = createBackOff(controller.signal, () => 1).wait();
  controller.abort(new Error('the service is stopping'));
  await expect(waiting).rejects.toThrow('the service is stopping');
});
