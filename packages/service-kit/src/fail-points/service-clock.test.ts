import { expect, test } from '@jest/globals';
import { clockOffsetVariable, createServiceClock, serviceClock } from './service-clock.ts';

test('a service’s clock is the machine’s unless the environment moves it', () => {
  expect(process.env[clockOffsetVariable]).toBeUndefined();
  const before = Date.now();
  const times = [serviceClock, createServiceClock('600000'), createServiceClock('-600000')].map((clock) =>
    clock.now(),
  );
  const after = Date.now();
  for (const [index, offset] of [0, 600_000, -600_000].entries()) {
    expect(times[index]).toBeGreaterThanOrEqual(before + offset);
    expect(times[index]).toBeLessThanOrEqual(after + offset);
  }
});

test.each(['', 'soon', '1.5', '10m'])('an offset that is not understood is refused: "%s"', (text) => {
  expect(() => createServiceClock(text)).toThrow(clockOffsetVariable);
});
