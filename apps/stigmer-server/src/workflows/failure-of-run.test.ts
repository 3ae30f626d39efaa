import { describe, expect, test } from '@jest/globals';
import { ActivityFailure, RetryState, TimeoutFailure, type TimeoutType } from '@temporalio/common';
import { failureOfRun } from './failure-of-run.ts';

const timedOut = (activityType: string, timeoutType: TimeoutType, details?: unknown) =>
  new ActivityFailure(
    'Activity task timed out',
    activityType,
    '1',
    RetryState.MAXIMUM_ATTEMPTS_REACHED,
    'a runner',
    new TimeoutFailure('activity timed out', details, timeoutType),
  );

describe('a time-out', () => {
  test('before the agent ran is a lost runner, no failure of the agent', () => {
    for (const type of ['START_TO_CLOSE', 'SCHEDULE_TO_CLOSE', 'HEARTBEAT'] as const) {
      expect(failureOfRun(timedOut('EnsureThread', type))).toMatchObject({
        kind: 'lost',
        failure: { type: 'RunnerLost' },
      });
    }
  });

  test('while the agent ran is a lost runner only if the runner went silent', () => {
    expect(failureOfRun(timedOut('ExecuteGraphton', 'HEARTBEAT'))).toMatchObject({ kind: 'lost' });
    expect(failureOfRun(timedOut('ExecuteGraphton', 'START_TO_CLOSE'))).toMatchObject({
      kind: 'failed',
      failure: { type: 'RunTimedOut' },
      final: false,
    });
  });

  test('says how far the attempt was', () => {
    for (const type of ['START_TO_CLOSE', 'HEARTBEAT'] as const)
      expect(failureOfRun(timedOut('ExecuteGraphton', type, { page: 3 }))).toMatchObject({
        heartbeatDetails: { page: 3 },
      });
  });
});
