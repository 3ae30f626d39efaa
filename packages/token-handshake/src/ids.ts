declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Temporal's raw task token of one activity attempt. Whoever holds it can end the activity: never log or store it. */
export type TaskToken = Brand<Uint8Array, 'TaskToken'>;

/** The ASCII bytes of a compact JWE that seals a task token. This is what travels and what is stored. */
export type CallbackToken = Brand<Uint8Array, 'CallbackToken'>;

/** Lowercase hex SHA-256 of the task token, all 64 digits. Tokens are compared by it. */
export type TokenDigest = Brand<string, 'TokenDigest'>;

/** The first 12 hex digits of a {@link TokenDigest}: the only form of a token that people and logs see. */
export type Fingerprint = Brand<string, 'Fingerprint'>;

/** One logical request of a caller, equal over all attempts of its activity. */
export type CallId = Brand<string, 'CallId'>;

/** The callee's own id of the work, also the id of its workflow. */
export type ExecutionId = Brand<string, 'ExecutionId'>;

/** Takes a string for an execution id; the callee made it, so there is nothing to check. */
export function executionId(value: string): ExecutionId {
  return value as ExecutionId;
}
