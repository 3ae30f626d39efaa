/** The time for a call has passed, and nothing of it will be sent any more. */
export class NoAnswerError extends Error {
  constructor(timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms.`);
    this.name = 'NoAnswerError';
  }
}

/**
 * Runs `work` until `timeoutMs` have passed. A connection's deadline ends the try in flight and makes every later one
 * fail at once, but it does not cut the back-off between two tries, which can be 5 s; so a timer runs beside it.
 */
export async function within<T>(
  connection: { withDeadline<R>(deadline: number, fn: () => Promise<R>): Promise<R> },
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswerError(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([connection.withDeadline(Date.now() + timeoutMs, work), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
