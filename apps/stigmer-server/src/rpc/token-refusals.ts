import { ERROR_CODES, type ErrorCode, type HandshakeError } from '@token-handshake/core';

/** The codes of refused callback tokens, and of those that could not be checked. */
type TokenErrorCode = Extract<ErrorCode, `${'' | 'RAW_' | 'TASK_'}TOKEN_${string}` | `CALLER_${string}`>;

/**
 * What whoever sends a token can do about its refusal. Neither this nor the meaning names what the server expected
 * instead, since that would tell a stranger how to make a token that passes: it stands in the server's log.
 */
const WHAT_TO_DO: Readonly<Record<TokenErrorCode, string>> = {
  TOKEN_EMPTY: 'Leave the field out, or send the token of the waiting activity.',
  TOKEN_TOO_LARGE: 'Send the token of the waiting activity, as it was sealed.',
  TOKEN_UNREADABLE: 'Send the token as it was sealed, without another encoding around it.',
  TOKEN_ALGORITHM_REFUSED: 'Seal it with the library of this protocol.',
  TOKEN_HEADER_INVALID: 'Seal it with the library of this protocol.',
  TOKEN_KEY_UNKNOWN: 'Give caller and service the same key set.',
  TOKEN_TAMPERED: 'Send the token unchanged, and give caller and service the same key set.',
  TOKEN_VERSION_UNKNOWN: 'Use versions of caller and service that fit together.',
  TOKEN_CLAIMS_INVALID: 'Seal it with the library of this protocol.',
  TOKEN_WRONG_AUDIENCE: 'Set the caller’s audience to the name of this service.',
  TOKEN_WRONG_TARGET: 'Set the caller’s target to one that this service completes.',
  TOKEN_WRONG_NAMESPACE: 'Name the target that leads to the caller’s own namespace.',
  TOKEN_ACTIVITY_NOT_ALLOWED: 'Ask the operator of this service to allow the activity’s type.',
  TOKEN_EXPIRED: 'Make the call again from an activity that waits.',
  TOKEN_CALL_MISMATCH: 'Send the token’s own call id as the idempotency key, or no key.',
  TOKEN_REUSED: 'Send each token with the call that it was made for.',
  RAW_TOKEN_REFUSED: 'Seal the token, or ask the operator of this service to accept unsealed ones.',
  CALLER_UNREACHABLE: 'Try again; if it stays so, see whether this service can reach the token’s target.',
  CALLER_DENIED: 'See that the token’s target is the caller’s own callback service, and no redirect to it.',
  TASK_TOKEN_UNREADABLE: 'Send the task token of the waiting activity.',
};

/** What a client is told of a refused token, the same for everybody; `undefined` for errors of another kind. */
export function tokenRefusal({ code }: HandshakeError): string | undefined {
  return isTokenErrorCode(code) ? `${ERROR_CODES[code].meaning} ${WHAT_TO_DO[code]}` : undefined;
}

function isTokenErrorCode(code: ErrorCode): code is TokenErrorCode {
  return Object.hasOwn(WHAT_TO_DO, code);
}
