import { Code, ConnectError } from '@connectrpc/connect';

/** How a call ends with its server or its connection: refused, closed by a proxy, or with the process. */
const lost: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.Canceled,
  Code.Aborted,
  Code.DeadlineExceeded,
]);

/** Whether the server was not reached, or lost on the way: it may have done what it was asked. */
export function isLost(error: unknown): error is ConnectError {
  if (!(error instanceof ConnectError)) return false;
  return lost.has(error.code) || (error.code === Code.Internal && isOfTheNetwork(error.cause));
}

/** Node gives such errors a code: EPIPE, ENETUNREACH, ERR_TLS_…, and others. */
function isOfTheNetwork(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /^E[A-Z_]+$/.test(String(cause.code));
}
