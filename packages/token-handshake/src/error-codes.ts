/**
 * Every error of the handshake, by its code. This table is the source of the documentation page; a code never
 * changes its meaning. `retryable` says whether the same request may succeed later without a change.
 */
export const ERROR_CODES = {
  OPTIONS_INVALID: { retryable: false, meaning: 'An option of the library is missing or out of range.' },
  KEYS_INVALID: {
    retryable: false,
    meaning: 'The key set cannot be read, is empty, or holds an unusable key.',
  },
  TOKEN_EMPTY: { retryable: false, meaning: 'A callback token was expected and an empty one came.' },
  TOKEN_TOO_LARGE: { retryable: false, meaning: 'The callback token has more than 8 KiB.' },
  TOKEN_UNREADABLE: { retryable: false, meaning: 'The callback token is no compact JWE of this protocol.' },
  TOKEN_ALGORITHM_REFUSED: {
    retryable: false,
    meaning: 'The callback token names an algorithm, a compression or an extension that is not allowed.',
  },
  TOKEN_HEADER_INVALID: {
    retryable: false,
    meaning: 'A field of the callback token’s readable header is missing or out of range.',
  },
  TOKEN_KEY_UNKNOWN: {
    retryable: false,
    meaning: 'The callback token was sealed with a key this service has not.',
  },
  TOKEN_TAMPERED: { retryable: false, meaning: 'The seal of the callback token does not hold.' },
  TOKEN_VERSION_UNKNOWN: {
    retryable: false,
    meaning: 'The callback token follows a version of this protocol that is not known here.',
  },
  TOKEN_CLAIMS_INVALID: {
    retryable: false,
    meaning: 'The sealed claims are incomplete, or disagree with the header.',
  },
  TOKEN_WRONG_AUDIENCE: { retryable: false, meaning: 'The callback token was sealed for another service.' },
  TOKEN_WRONG_TARGET: { retryable: false, meaning: 'The completion target of the token is not known here.' },
  TOKEN_WRONG_NAMESPACE: {
    retryable: false,
    meaning: 'The token belongs to a namespace other than its target’s.',
  },
  TOKEN_ACTIVITY_NOT_ALLOWED: {
    retryable: false,
    meaning: 'The target does not allow completing this activity type.',
  },
  TOKEN_EXPIRED: { retryable: false, meaning: 'The deadline of the waiting activity has passed.' },
  TOKEN_CALL_MISMATCH: {
    retryable: false,
    meaning: 'The idempotency key names another call than the token.',
  },
  TOKEN_REUSED: { retryable: false, meaning: 'The token is already bound to another call.' },
  RAW_TOKEN_REFUSED: { retryable: false, meaning: 'Unsealed task tokens are not accepted here.' },
  TASK_TOKEN_UNREADABLE: {
    retryable: false,
    meaning: 'The bytes are no task token of Temporal.',
  },
  CALLER_UNREACHABLE: {
    retryable: true,
    meaning: 'The caller’s own service has to check the token, and did not answer.',
  },
  CALLER_DENIED: {
    retryable: false,
    meaning: 'The caller’s own service has to check the token, and may not be asked or refuses to.',
  },
  BEAT_BUDGET_EXHAUSTED: {
    retryable: true,
    meaning:
      'The completion target allows no more heartbeats a second, so no more callers can be kept waiting.',
  },
  IDEMPOTENCY_KEY_REUSED: { retryable: false, meaning: 'The idempotency key was used with another request.' },
  EXECUTION_UNKNOWN: { retryable: false, meaning: 'The ledger has no call with this execution id.' },
  OUTCOME_MISSING: {
    retryable: false,
    meaning: 'The execution has no final yet, so there is nothing to deliver.',
  },
  LOCAL_ACTIVITY: {
    retryable: false,
    meaning: 'A local activity cannot wait for a completion from outside.',
  },
  TIMEOUT_MISSING: {
    retryable: false,
    meaning: 'The calling activity lacks a time-out that the handshake needs.',
  },
  HAND_OFF_TIMEOUT: {
    retryable: true,
    meaning: 'The other service did not take the call within the hand-off deadline.',
  },
  ACK_INVALID: {
    retryable: false,
    meaning: 'The other service took the call, and its answer cannot be read.',
  },
  HAND_OFF_REFUSED: { retryable: false, meaning: 'The other service refused the call.' },
} as const satisfies Record<string, { readonly retryable: boolean; readonly meaning: string }>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
