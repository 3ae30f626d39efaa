import { Code, ConnectError } from '@connectrpc/connect';

/** Carries the code of an error beside the RPC's status, so that clients need not read its words. */
const ERROR_CODE_HEADER = 'error-code';

/**
 * What a call is refused with before a service's own code sees it. This table is the source of the documentation page; a
 * code never changes its meaning.
 */
export const ACCESS_ERROR_CODES = {
  CREDENTIALS_REFUSED: {
    rpc: Code.Unauthenticated,
    meaning: 'The call carries no credentials, or none that count here. Which of the two is told to nobody.',
  },
  CREDENTIALS_UNCHECKED: {
    rpc: Code.Unavailable,
    meaning: 'The keys that the credentials are checked with cannot be fetched at present; try again.',
  },
  SCOPE_MISSING: { rpc: Code.PermissionDenied, meaning: 'The credentials do not allow this method.' },
  REQUEST_RATE_EXCEEDED: {
    rpc: Code.ResourceExhausted,
    meaning:
      'The credentials were used too often within a short time; the header `retry-after-ms` says how long to wait.',
  },
  REQUEST_TIMED_OUT: {
    rpc: Code.DeadlineExceeded,
    meaning: 'The request did not arrive whole, or was not answered, within the server’s time for one.',
  },
} as const satisfies Record<string, { readonly rpc: Code; readonly meaning: string }>;

/** A code of {@link ACCESS_ERROR_CODES}. */
export type AccessErrorCode = keyof typeof ACCESS_ERROR_CODES;

/** An error for the wire that carries a code of some table: at the head of its message, and in a header of its own. */
export function codedError(
  code: string,
  message: string,
  rpc: Code,
  headers: Readonly<Record<string, string>> = {},
): ConnectError {
  return new ConnectError(`${code}: ${message}`, rpc, { [ERROR_CODE_HEADER]: code, ...headers });
}

/** {@link codedError} with a code of this table. */
export function accessError(
  code: AccessErrorCode,
  message: string,
  headers?: Readonly<Record<string, string>>,
): ConnectError {
  return codedError(code, message, ACCESS_ERROR_CODES[code].rpc, headers);
}
