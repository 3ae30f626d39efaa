import { Code, ConnectError } from '@connectrpc/connect';
import { type ErrorCode, HandshakeError } from '@token-handshake/core';
import { STIGMER_ERROR_CODES } from '../error-codes.ts';
import { StigmerError } from '../stigmer-error.ts';
import { storageFailure } from '../storage/storage-failure.ts';

/** Carries the code of an error beside the RPC's status, so that clients need not read its words. */
const ERROR_CODE_HEADER = 'error-code';

/** What is wrong with the state of things rather than with the request. Of a token nothing more is told than its code. */
const FAILED_PRECONDITIONS: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED'];

/** The one place where errors of the server become answers. Unknown ones are bugs, and left to the interceptor. */
export function toConnectError(error: unknown): ConnectError | undefined {
  if (StigmerError.is(error)) return answer(error, STIGMER_ERROR_CODES[error.code].rpc);
  if (HandshakeError.is(error)) return answer(error, rpcCodeOf(error));
  const failure = storageFailure(error);
  return failure && answer(failure, STIGMER_ERROR_CODES[failure.code].rpc);
}

function rpcCodeOf(error: HandshakeError): Code {
  if (FAILED_PRECONDITIONS.includes(error.code)) return Code.FailedPrecondition;
  return error.retryable ? Code.Unavailable : Code.InvalidArgument;
}

function answer(error: { readonly code: string; readonly message: string }, rpc: Code): ConnectError {
  return new ConnectError(`${error.code}: ${error.message}`, rpc, { [ERROR_CODE_HEADER]: error.code });
}
