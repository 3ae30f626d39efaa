import { randomUUID } from 'node:crypto';
import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import type { Logger } from '../logging/create-logger.ts';

/** What {@link errorInterceptor} takes. */
export interface ErrorInterceptorOptions {
  /**
   * Turns an error of the domain into one for the wire; undefined for an error it does not know. The only
   * place where a service's errors become RPC codes.
   */
  readonly toConnectError: (error: unknown) => ConnectError | undefined;
  readonly logger: Logger;
}

/**
 * Lets only deliberate errors reach a caller: Connect's own and those that `toConnectError` knows. Anything
 * else is a bug: it is logged whole under a fresh id, and the caller gets INTERNAL with that id and nothing
 * more.
 */
export function errorInterceptor(options: ErrorInterceptorOptions): Interceptor {
  return (next) => async (request) => {
    const rpc = `${request.service.typeName}/${request.method.name}`;
    const convert = (error: unknown) => convertError(error, rpc, request.signal, options);
    try {
      const response = await next(request);
      return response.stream
        ? { ...response, message: convertErrorsOf(response.message, convert) }
        : response;
    } catch (error) {
      throw convert(error);
    }
  };
}

async function* convertErrorsOf<Item>(
  stream: AsyncIterable<Item>,
  convert: (error: unknown) => ConnectError,
) {
  try {
    yield* stream;
  } catch (error) {
    throw convert(error);
  }
}

function convertError(
  error: unknown,
  rpc: string,
  signal: AbortSignal,
  { toConnectError, logger }: ErrorInterceptorOptions,
): ConnectError {
  if (error instanceof ConnectError) return error;
  const known = toConnectError(error);
  if (known !== undefined) return known;
  // Whoever was interrupted by the call's own end reports that end, not the error it caused.
  if (signal.aborted) return ConnectError.from(signal.reason, Code.Canceled);
  const errorId = randomUUID();
  logger.error({ err: error, errorId, rpc }, 'rpc failed with an unexpected error');
  return new ConnectError(`internal error ${errorId}; the server's log has the details`, Code.Internal);
}
