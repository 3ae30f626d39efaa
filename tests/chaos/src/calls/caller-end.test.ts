import { expect, test } from '@jest/globals';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
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

test('a hand-off that nobody answered in the caller’s time is a time-out, whatever its last try had met', () => {
  const handOff = failure('HAND_OFF_TIMEOUT', failure('ConnectError'));
  expect(failureEnd({ cause: failure('outer', handOff) })).toEqual({
    kind: 'timed-out',
    timeoutType: 'HAND_OFF_TIMEOUT',
  });
});
