/**
 * Puts a service's clock on or back, in milliseconds; only tests set it. What measures how long something takes does
 * not change: it is another clock.
 */
export const clockOffsetVariable = 'TOKEN_HANDSHAKE_CLOCK_OFFSET';

/** The clock of a service: the machine's, unless {@link clockOffsetVariable} says by how much it is wrong. */
export const serviceClock = createServiceClock(process.env[clockOffsetVariable]);

/**
 * {@link serviceClock} for other text than the environment's.
 *
 * @throws Error when the text is not understood: a test that believes it moved the clock must not pass
 */
export function createServiceClock(text: string | undefined): { now(): number } {
  const offsetMs = Number(text ?? 0);
  if (!Number.isInteger(offsetMs) || text === '') {
    throw new Error(`${clockOffsetVariable} has "${text}": expected a whole number of milliseconds`);
  }
  return { now: () => Date.now() + offsetMs };
}
