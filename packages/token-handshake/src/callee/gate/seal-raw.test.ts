import { describe, expect, test } from '@jest/globals';
import { generateKeySet, KeyRing } from '../../callback/index.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import { encodeTaskToken } from '../../testing/task-token.ts';
import { sealRaw } from './seal-raw.ts';

const keyRing = KeyRing.fromJwks(generateKeySet());

/** A token of the allowed type, for an activity that is of the given one. */
function sealFor(activityType: string) {
  const token = encodeTaskToken({ activityType: 'callAgent' });
  const target = new ScriptedTarget({
    activityTypes: ['callAgent'],
    onDescribe: () => ({ kind: 'pending', activityType, attempt: 1, attemptStartedAt: 7 }),
  });
  return sealRaw(token, { target, keyRing, audience: 'callee', now: 1_750_000_000_000 });
}

describe('a raw token that says of which type its activity is', () => {
  test('is sealed where the pending activity is of that type', async () => {
    expect(await sealFor('callAgent')).toMatchObject({ ord: 7, absent: false });
  });

  test('is refused where the pending activity is of another: an allowed type was written into it', async () => {
    await expect(sealFor('pay')).rejects.toMatchObject({ code: 'TOKEN_ACTIVITY_NOT_ALLOWED' });
  });
});
