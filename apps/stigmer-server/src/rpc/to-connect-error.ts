import { Code, ConnectError } from '@connectrpc/connect';
import { type ErrorCode, HandshakeError } from '@token-handshake/core';
import { STIGMER_ERROR_CODES } from '../error-codes.ts';
import { StigmerError } from '../stigmer-error.ts';
import { storageFailure } from '../storage/storage-failure.ts';

/** Carries the code of an error beside the RPC's status, so that clients need not read its words. */
export const ERROR_CODE_HEADER = 'error-code';

/** Codes of the handshake that mean something else than a request that is wrong in itself. */
const HANDSHAKE_RPC_CODES: Partial<Record<ErrorCode, Code>> = {
  TOKEN_EXPIRED: Code.FailedPrecondition,
  TOKEN_REUSED: Code.FailedPrecondition,
  IDEMPOTENCY_KEY_REUSED: Code.FailedPrecondition,
  TOKEN_ACTIVITY_NOT_ALLOWED: Code.PermissionDenied,
  RAW_TOKEN_REFUSED: Code.PermissionDenied,
};

/** The one place where errors of the server become answers. Unknown ones are bugs, and left to the interceptor. */
export function toConnectError(error: unknown): ConnectError | undefined {
  if (StigmerError.is(error)) return answer(error, STIGMER_ERROR_CODES[error.code].rpc);
  if (HandshakeError.is(error)) return answer(error, rpcCodeOf(error));
  const failure = storageFailure(error);
  return failure && answer(failure, STIGMER_ERROR_CODES[failure.code].rpc);
}

function rpcCodeOf(error: HandshakeError): Code {
  return HANDSHAKE_RPC_CODES[error.code] ?? (error.retryable ? Code.Unavailable : Code.InvalidArgument);
}

function answer(error: { readonly code: string; readonly message: string }, rpc: Code): ConnectError {
  return new ConnectError(`${error.code}: ${error.message}`, rpc, { [ERROR_CODE_HEADER]: error.code });
}
