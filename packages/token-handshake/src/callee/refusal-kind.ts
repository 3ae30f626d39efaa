import type { ErrorCode } from '../error-codes.ts';

/** Refusals that are a service's configuration speaking, not the token's bytes. */
const NOT_ALLOWED: readonly ErrorCode[] = [
  'TOKEN_KEY_UNKNOWN',
  'TOKEN_WRONG_AUDIENCE',
  'TOKEN_WRONG_TARGET',
  'TOKEN_WRONG_NAMESPACE',
  'TOKEN_ACTIVITY_NOT_ALLOWED',
];

/** What it means for a delivery that a token is refused. */
export function refusalKind(code: ErrorCode): 'denied' | 'malformed' {
  return NOT_ALLOWED.includes(code) ? 'denied' : 'malformed';
}
