import { ApplicationFailure } from '@temporalio/common';
import type { ErrorCode } from '../error-codes.ts';
import { HandshakeError } from '../handshake-error.ts';

/** An error of the handshake as an activity must throw it: its code is the failure's type, and decides on retries. */
export function failureOfHandshakeError(error: HandshakeError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable,
    cause: error,
  });
}

/** The callee said no: the same request would meet the same answer, so the activity ends. */
export function failureOfRefusal(error: unknown, remoteCode: string | undefined): ApplicationFailure {
  if (error instanceof ApplicationFailure && error.nonRetryable) return error;
  if (HandshakeError.is(error)) return failureOfHandshakeError(error);
  const code: ErrorCode = 'HAND_OFF_REFUSED';
  return ApplicationFailure.create({
    type: remoteCode ?? code,
    message: messageOf(error),
    nonRetryable: true,
    cause: causeOf(error),
  });
}

/** The callee did not answer in time: Temporal tries again, after a back-off of its own. */
export function failureOfTimeout(lastError: unknown, tries: number, timeoutMs: number): ApplicationFailure {
  const code: ErrorCode = 'HAND_OFF_TIMEOUT';
  return ApplicationFailure.create({
    type: code,
    message:
      `the callee did not take the call within ${timeoutMs} ms and ${tries} ${tries === 1 ? 'try' : 'tries'}; ` +
      `the last one said: ${messageOf(lastError)}`,
    nonRetryable: false,
    cause: causeOf(lastError),
  });
}

/** The callee answered, but not what the handshake needs. Trying again would give the same. */
export function failureOfUnreadableAck(cause: unknown): ApplicationFailure {
  const code: ErrorCode = 'ACK_INVALID';
  return ApplicationFailure.create({
    type: code,
    message: `the callee took the call, but its answer cannot be used: ${messageOf(cause)}`,
    nonRetryable: true,
    cause: causeOf(cause),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
    ? String(error.message)
    : String(error);
}

function causeOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
