import { describe, expect, test } from '@jest/globals';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { COMPLETE_EXTERNAL_ACTIVITY, type CompleteExternalInput } from '../completion-activity.ts';
import type { Delivery } from '../verdict.ts';
import { createCompletionActivities } from './completion-activities.ts';
import type { TokenDelivery } from './delivery/deliver-token.ts';

const delivered: Delivery = { verdict: 'delivered', generation: 1, closed: true };
const unreachable: Delivery = { verdict: 'unreachable', generation: 1, closed: false, detail: 'no answer' };

function activity(answer: Delivery = delivered) {
  const deliveries: (string | TokenDelivery)[] = [];
  const activities = createCompletionActivities({
    deliver: async (executionId) => {
      deliveries.push(executionId);
      return answer;
    },
    deliverToken: async (request) => {
      deliveries.push(request);
      return answer;
    },
  });
  const run = (input: unknown, info: Partial<Info> = {}) =>
    new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') }).run(
      activities[COMPLETE_EXTERNAL_ACTIVITY],
      input as CompleteExternalInput,
    );
  return { run, deliveries };
}

describe('the completion activity', () => {
  test('is registered under its name on the wire', () => {
    expect(COMPLETE_EXTERNAL_ACTIVITY).toBe('stigmer/system/complete-external-activity');
  });

  test('delivers by execution id', async () => {
    const { run, deliveries } = activity();
    expect(await run({ executionId: 'aex_1' })).toEqual(delivered);
    expect(deliveries).toEqual(['aex_1']);
  });

  test('delivers by token, in base64 or base64url, and says whether it was tried before', async () => {
    const { run, deliveries } = activity();
    const callbackToken = new Uint8Array([251, 255, 190, 1]);
    const outcome = { failed: { type: 'T', message: 'm' } };
    await run({ callbackToken: '+/++AQ==', outcome });
    await run({ callbackToken: '-_--AQ', outcome }, { attempt: 2 });
    const failed = { type: 'T', message: 'm', details: [], retryable: false };
    expect(deliveries).toEqual([
      { callbackToken, outcome: { failed }, triedBefore: false },
      { callbackToken, outcome: { failed }, triedBefore: true },
    ]);
  });

  test('takes an empty token, which means that nobody waits', async () => {
    const { run, deliveries } = activity();
    await run({ callbackToken: '', outcome: { completed: null } });
    expect(deliveries).toMatchObject([{ callbackToken: new Uint8Array() }]);
  });

  test.each([
    undefined,
    null,
    'aex_1',
    {},
    { executionId: '' },
    { callbackToken: 'AQ==' },
    { callbackToken: 'not base64!', outcome: { completed: 1 } },
    { callbackToken: 'AQ==', outcome: {} },
    { callbackToken: 'AQ==', outcome: { completed: 1, cancelled: 1 } },
    { callbackToken: 'AQ==', outcome: { failed: { message: 'no type' } } },
  ])('refuses %j for good', async (input) => {
    const { run, deliveries } = activity();
    const failure = { type: 'CompletionInputInvalid', nonRetryable: true };
    await expect(run(input)).rejects.toMatchObject(failure);
    expect(deliveries).toEqual([]);
  });

  test('throws "unreachable" where another attempt follows, with the delivery in its details', async () => {
    const { run } = activity(unreachable);
    const input = { executionId: 'aex_1' };
    const failure = { type: 'CompletionTargetUnreachable', nonRetryable: false, details: [unreachable] };
    await expect(run(input)).rejects.toMatchObject(failure);
    await expect(run(input, { attempt: 2, retryPolicy: { maximumAttempts: 3 } })).rejects.toMatchObject(
      failure,
    );
  });

  test('answers "unreachable" on the last attempt, as a local activity, and when it is an end', async () => {
    const input = { executionId: 'aex_1' };
    const { run } = activity(unreachable);
    expect(await run(input, { attempt: 3, retryPolicy: { maximumAttempts: 3 } })).toEqual(unreachable);
    expect(await run(input, { isLocal: true })).toEqual(unreachable);
    const ended = { ...unreachable, closed: true };
    expect(await activity(ended).run(input)).toEqual(ended);
  });
});
