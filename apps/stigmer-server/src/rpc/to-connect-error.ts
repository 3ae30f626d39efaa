import { Code, type ConnectError } from '@connectrpc/connect';
import { type ErrorCode, HandshakeError } from '@token-handshake/core';
import { codedError, type Logger } from '@token-handshake/service-kit';
import { STIGMER_ERROR_CODES } from '../error-codes.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { StigmerError } from '../stigmer-error.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { tokenRefusal } from './token-refusals.ts';

/** What is wrong with the state of things rather than with the request. Of a token nothing more is told than its code. */
const FAILED_PRECONDITIONS: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED'];

/** What is used up, and may be free again. */
const EXHAUSTED: readonly ErrorCode[] = ['BEAT_BUDGET_EXHAUSTED'];

/**
 * The one place where errors of the server become answers. What a client is not told, of tokens and of the database,
 * is logged. Unknown errors are bugs, and left to the interceptor.
 */
export function connectErrors(logger: Pick<Logger, 'warn'>): (error: unknown) => ConnectError | undefined {
  return (error) => {
    if (StigmerError.is(error))
      return codedError(error.code, error.message, STIGMER_ERROR_CODES[error.code].rpc);
    if (HandshakeError.is(error)) return handshakeAnswer(error, logger);
    const failure = storageFailure(error);
    if (failure === undefined) return undefined;
    logger.warn({ err: error, code: failure.code }, LOG_MESSAGES.storageFailed);
    return codedError(failure.code, failure.message, STIGMER_ERROR_CODES[failure.code].rpc);
  };
}

function handshakeAnswer(error: HandshakeError, logger: Pick<Logger, 'warn'>): ConnectError {
  const refusal = tokenRefusal(error);
  if (refusal !== undefined)
    logger.warn({ code: error.code, reason: error.message }, LOG_MESSAGES.tokenRefused);
  return codedError(error.code, refusal ?? error.message, rpcCodeOf(error));
}

function rpcCodeOf(error: HandshakeError): Code {
  if (FAILED_PRECONDITIONS.includes(error.code)) return Code.FailedPrecondition;
  if (EXHAUSTED.includes(error.code)) return Code.ResourceExhausted;
  return error.retryable ? Code.Unavailable : Code.InvalidArgument;
}
