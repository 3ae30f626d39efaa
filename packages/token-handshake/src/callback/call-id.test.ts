import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HandshakeError } from '../handshake-error.ts';
import { type CallIdentity, callId, isCallId, userCallId } from './call-id.ts';

const identity: CallIdentity = {
  namespace: 'default',
  workflowId: 'order-7',
  runId: '0192c1f0-57f2-7b7e-8f60-3d4d4dc0f001',
  activityId: 'ask',
  scheduledTimestampMs: 1_700_000_000_123,
};

describe('a call id', () => {
  test('is what another language computes from the same five facts', () => {
    // printf '["default","order-7","0192c1f0-57f2-7b7e-8f60-3d4d4dc0f001","ask","1700000000123"]' | sha256sum
    expect(callId(identity)).toBe('0e183b912208696b64f3754ab24bec6ed1d5bd4e3e61dde4418595d5a42ba065');
  });

  test('differs as soon as one fact differs, and by nothing else', () => {
    const text = fc.string({ minLength: 1 });
    const any = fc.record({
      namespace: text,
      workflowId: text,
      runId: text,
      activityId: text,
      scheduledTimestampMs: fc.nat(),
    });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const same = JSON.stringify(Object.values(a)) === JSON.stringify(Object.values(b));
        expect(callId(a) === callId(b)).toBe(same);
        expect(callId({ ...a })).toBe(callId(a));
        expect(isCallId(callId(a))).toBe(true);
      }),
    );
  });

  test.each<[string, Partial<CallIdentity>]>([
    ['another run', { runId: 'other' }],
    ['the next turn of a loop with the same custom activity id', { scheduledTimestampMs: 1_700_000_000_124 }],
    ['another namespace', { namespace: 'other' }],
    ['facts that read the same in a row', { namespace: 'defaultorder-7', workflowId: '' }],
  ])('differs for %s', (_name, change) => {
    expect(callId({ ...identity, ...change })).not.toBe(callId(identity));
  });
});

describe('a call id of the user', () => {
  test('is marked as such, so that it never meets one of ours', () => {
    expect(userCallId('order 7/a')).toBe('user:order 7/a');
    expect(isCallId('user:order 7/a')).toBe(true);
  });

  test.each(['', ' a', 'a ', 'a\nb', 'é', '\u0000', 'x'.repeat(201)])('%j is refused', (value) => {
    expect(() => userCallId(value)).toThrow(HandshakeError);
    expect(isCallId(`user:${value}`)).toBe(false);
  });

  test.each([7, null, 'abc', 'A'.repeat(64)])('%j is no call id', (value) => {
    expect(isCallId(value)).toBe(false);
  });
});
