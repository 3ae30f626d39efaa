import { describe, expect, test } from '@jest/globals';
import { handOffActivityOptions } from './hand-off-activity-options.ts';

describe('the options of an activity that hands off', () => {
  test('bound the whole wait by the result time-out, never the number of attempts', () => {
    expect(handOffActivityOptions()).toMatchObject({
      scheduleToCloseTimeout: 86_400_000,
      startToCloseTimeout: 86_400_000,
      heartbeatTimeout: 300_000,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
    });
    expect(handOffActivityOptions().retry).not.toHaveProperty('maximumAttempts');
  });

  test('end it by the type of a refusal, and retry a hand-off that timed out', () => {
    const { nonRetryableErrorTypes } = handOffActivityOptions().retry ?? {};
    expect(nonRetryableErrorTypes).toContain('HAND_OFF_REFUSED');
    expect(nonRetryableErrorTypes).toContain('TOKEN_TAMPERED');
    expect(nonRetryableErrorTypes).not.toContain('HAND_OFF_TIMEOUT');
  });

  test('carry the summary, and no liveness longer than the result', () => {
    const options = handOffActivityOptions({ resultTimeoutMs: 10_000, summary: 'waiting for an agent' });
    expect(options).toMatchObject({ heartbeatTimeout: 10_000, summary: 'waiting for an agent' });
  });

  test('refuse a time-out that is none', () => {
    expect(() => handOffActivityOptions({ resultTimeoutMs: 0 })).toThrow(RangeError);
    expect(() => handOffActivityOptions({ livenessTimeoutMs: Number.NaN })).toThrow('livenessTimeoutMs');
  });
});
