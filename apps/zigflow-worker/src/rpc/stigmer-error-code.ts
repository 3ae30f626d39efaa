import { ConnectError } from '@connectrpc/connect';

/** The header in which Stigmer names the code of an error, beside the RPC's status. */
const ERROR_CODE_HEADER = 'error-code';

/** Stigmer's own code of an error, such as `AGENT_NOT_FOUND`; `undefined` when it gives none. */
export function stigmerErrorCode(error: unknown): string | undefined {
  return error instanceof ConnectError ? (error.metadata.get(ERROR_CODE_HEADER) ?? undefined) : undefined;
}
