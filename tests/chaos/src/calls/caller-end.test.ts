import { expect, test } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, type RetryState, TimeoutFailure } from '@temporalio/common';
import { failureEnd } from './caller-end.ts';

const failure = (type: string, cause?: Error) =>
  ApplicationFailure.create({ type, message: type, ...(cause && { cause }) });

test('the innermost failure says how a caller ended', () => {
  expect(failureEnd({ cause: failure('outer', failure('QuotaExceeded')) })).toMatchObject({
    kind: 'failed',
    type: 'QuotaExceeded',
  });
  expect(
    failureEnd({ cause: failure('outer', new TimeoutFailure('late', undefined, 'SCHEDULE_TO_CLOSE')) }),
  ).toEqual({
    kind: 'timed-out',
    timeoutType: 'SCHEDULE_TO_CLOSE',
  });
});

const handOffFailed = (retryState: RetryState) =>
  failure(
    'outer',
    new ActivityFailure(
      'Activity task failed',
      'stigmer/call-agent',
      '2',
      retryState,
      'worker',
      failure('HAND_OFF_TIMEOUT', failure('ConnectError')),
    ),
  );

test('a hand-off that nobody answered in the caller’s time is a time-out, whatever its last try had met', () => {
  expect(failureEnd({ cause: handOffFailed('TIMEOUT') })).toEqual({
    kind: 'timed-out',
    timeoutType: 'HAND_OFF_TIMEOUT',
  });
});

test('a hand-off that was given up while there was time is a failure', () => {
  expect(failureEnd({ cause: handOffFailed('MAXIMUM_ATTEMPTS_REACHED') })).toMatchObject({ kind: 'failed' });
});
