import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { HandshakeError } from '../handshake-error.ts';
import { classifyByStatus } from './classify.ts';

test.each([
  ['RESOURCE_EXHAUSTED, as a callee without room for more waits answers', { code: 8 }],
  ['UNAVAILABLE', { code: 14 }],
  ['DEADLINE_EXCEEDED', { code: 4 }],
  ['an error without a code', new Error('socket hang up')],
  ['a text instead of a code', { code: 'ECONNREFUSED' }],
  ['the budget of beats itself', new HandshakeError('BEAT_BUDGET_EXHAUSTED', 'no room')],
  ['a retryable failure', ApplicationFailure.retryable('later')],
])('%s may pass and is tried again', (_, error) => {
  expect(classifyByStatus(error)).toBe('retry');
});

test.each([
  ['INVALID_ARGUMENT', { code: 3 }],
  ['PERMISSION_DENIED', { code: 7 }],
  ['UNAUTHENTICATED', { code: 16 }],
  ['a token that is refused', new HandshakeError('TOKEN_TAMPERED', 'no')],
  ['a non-retryable failure', ApplicationFailure.nonRetryable('no')],
])('%s is a refusal', (_, error) => {
  expect(classifyByStatus(error)).toBe('refused');
});
