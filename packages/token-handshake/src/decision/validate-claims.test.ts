import { describe, expect, test } from '@jest/globals';
import type { CallbackClaims } from '../callback/index.ts';
import type { ErrorCode } from '../error-codes.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { TaskToken } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import { type TargetFacts, validateClaimsAgainstTarget } from './validate-claims.ts';

const facts: TargetFacts = {
  audience: 'callee',
  target: 'temporal:default',
  namespace: 'default',
  namespaceId: callbackClaims().namespaceId,
  activityTypes: ['callAgent'],
};

function refusal(claims: CallbackClaims, target: TargetFacts): ErrorCode | undefined {
  try {
    validateClaimsAgainstTarget(claims, target);
    return undefined;
  } catch (error) {
    if (HandshakeError.is(error)) return error.code;
    throw error;
  }
}

describe('claims against their target', () => {
  test('pass where all agrees, and where the namespace is not known yet', () => {
    expect(refusal(callbackClaims(), facts)).toBeUndefined();
    const { namespace: _, namespaceId: __, ...unknown } = facts;
    expect(refusal(callbackClaims(), unknown)).toBeUndefined();
  });

  test.each<[ErrorCode, Partial<TargetFacts>]>([
    ['TOKEN_WRONG_AUDIENCE', { audience: 'other' }],
    ['TOKEN_WRONG_TARGET', { target: 'temporal:other' }],
    ['TOKEN_WRONG_NAMESPACE', { namespace: 'other' }],
    ['TOKEN_WRONG_NAMESPACE', { namespaceId: 'other' }],
    ['TOKEN_ACTIVITY_NOT_ALLOWED', { activityTypes: [] }],
    ['TOKEN_ACTIVITY_NOT_ALLOWED', { activityTypes: ['payInvoice'] }],
  ])('are refused with %s where the target has %j', (code, change) => {
    expect(refusal(callbackClaims(), { ...facts, ...change })).toBe(code);
  });

  test.each<Partial<CallbackClaims>>([{ workflowId: 'other' }, { runId: 'other' }, { activityId: 'other' }])(
    'are refused where they speak of another activity than the token that they carry: %j',
    (lie) => {
      expect(refusal(callbackClaims(lie), facts)).toBe('TOKEN_CLAIMS_INVALID');
    },
  );

  test('do not let a caller complete an activity that its target does not allow by naming another type', () => {
    const taskToken = encodeTaskToken({ activityType: 'payInvoice' });
    expect(refusal(callbackClaims({ taskToken, activityType: 'callAgent' }), facts)).toBe(
      'TOKEN_CLAIMS_INVALID',
    );
  });

  test('are refused with a task token that cannot be read', () => {
    const taskToken = new Uint8Array([1]) as Uint8Array as TaskToken;
    expect(refusal({ ...callbackClaims(), taskToken }, facts)).toBe('TASK_TOKEN_UNREADABLE');
  });
});
