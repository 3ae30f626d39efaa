import { ApplicationFailure } from '@temporalio/common';
import { HandshakeError } from '../handshake-error.ts';

/** Whether trying `create` again may help. */
export type Classification = 'retry' | 'refused';

/** gRPC and Connect status codes, by number, of answers that the same request would get again. */
const REFUSALS = new Map<number, string>([
  [3, 'INVALID_ARGUMENT'],
  [5, 'NOT_FOUND'],
  [6, 'ALREADY_EXISTS'],
  [7, 'PERMISSION_DENIED'],
  [9, 'FAILED_PRECONDITION'],
  [12, 'UNIMPLEMENTED'],
  [16, 'UNAUTHENTICATED'],
]);

/**
 * Tells refusals from troubles by an error's numeric `code`, as Connect's and gRPC's errors carry it. Everything else,
 * also what has no code, may pass: it is tried again within the hand-off deadline, and by Temporal after it.
 */
export function classifyByStatus(error: unknown): Classification {
  if (HandshakeError.is(error)) return error.retryable ? 'retry' : 'refused';
  if (error instanceof ApplicationFailure) return error.nonRetryable ? 'refused' : 'retry';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' && REFUSALS.has(code) ? 'refused' : 'retry';
}
