import type { CallId } from '@token-handshake/core';
import { StigmerError } from '../stigmer-error.ts';

/** A call id that a user chose is `user:` and up to 200 characters. */
const MAX_KEY = 205;

/**
 * The request's `Idempotency-Key`; `undefined` without one.
 *
 * @throws StigmerError `IDEMPOTENCY_KEY_INVALID`
 */
export function idempotencyKey(headers: Headers): CallId | undefined {
  const key = headers.get('Idempotency-Key');
  if (key === null || key === '') return undefined;
  if (key.length <= MAX_KEY && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key)) return key as CallId;
  throw new StigmerError(
    'IDEMPOTENCY_KEY_INVALID',
    `expected an Idempotency-Key of 1 to ${MAX_KEY} printable ASCII characters, got ${key.length}`,
  );
}
