import { Code } from '@connectrpc/connect';
import { expect, test } from '@jest/globals';
import { ERROR_CODES, type ErrorCode, HandshakeError } from '@token-handshake/core';
import { LOG_MESSAGES } from '../log-messages.ts';
import { connectErrors } from './to-connect-error.ts';

const DETAILS =
  'expected the namespace id "c0ffee00-0000-4000-8000-000000000000", one of the keys "2026-a", "2026-b"';

const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => /(^|_)TOKEN_|^CALLER_/.test(code));

test.each(codes)('%s is told by its meaning only, and in full to the log', (code) => {
  const lines: unknown[][] = [];
  const toConnectError = connectErrors({ warn: (...line: unknown[]) => void lines.push(line) });
  const error = toConnectError(new HandshakeError(code, DETAILS));
  expect(error?.code).toBe(ERROR_CODES[code].retryable ? Code.Unavailable : Code.InvalidArgument);
  expect(error?.metadata.get('error-code')).toBe(code);
  expect(error?.rawMessage).toMatch(new RegExp(`^${code}: .+\\. .+\\.$`));
  expect(error?.rawMessage).toContain(ERROR_CODES[code].meaning);
  expect(error?.rawMessage).not.toMatch(/c0ffee00|2026-/);
  expect(lines).toEqual([[{ code, reason: DETAILS }, LOG_MESSAGES.tokenRefused]]);
});

test('what is no token is told in full, and not logged', () => {
  const lines: unknown[][] = [];
  const toConnectError = connectErrors({ warn: (...line: unknown[]) => void lines.push(line) });
  const error = toConnectError(new HandshakeError('IDEMPOTENCY_KEY_REUSED', 'use a new key'));
  expect(error?.rawMessage).toBe('IDEMPOTENCY_KEY_REUSED: use a new key');
  expect(lines).toEqual([]);
});
