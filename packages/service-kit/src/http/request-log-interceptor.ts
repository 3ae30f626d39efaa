import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import { findAccess } from '../access/access.ts';
import type { Logger } from '../logging/create-logger.ts';
import { observeEnd } from './observe-end.ts';

/** Probes come every few seconds; nobody reads about them. */
const quietServices = new Set(['grpc.health.v1.Health']);

/** Codes that say something about the server rather than about the call. */
const serverFaults = new Set([Code.Internal, Code.Unknown, Code.DataLoss, Code.Unimplemented]);

/** One line for each RPC once it has ended: method, who called, code, milliseconds. Never its content. */
export function requestLogInterceptor(options: { readonly logger: Logger }): Interceptor {
  return (next) => async (request) => {
    const startedAt = performance.now();
    const method = `${request.service.typeName}/${request.method.name}`;
    const quiet = quietServices.has(request.service.typeName);
    const ended = (error?: unknown) => {
      const code = error === undefined ? undefined : ConnectError.from(error).code;
      const level = quiet ? 'debug' : code !== undefined && serverFaults.has(code) ? 'warn' : 'info';
      const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
      const principal = findAccess(request.contextValues)?.principal.id;
      options.logger[level](
        {
          rpc: method,
          ...(principal !== undefined && { principal }),
          code: code === undefined ? 'OK' : Code[code],
          durationMs,
        },
        'rpc ended',
      );
    };
    try {
      const response = await next(request);
      if (response.stream) return { ...response, message: observeEnd(response.message, ended) };
      ended();
      return response;
    } catch (error) {
      ended(error);
      throw error;
    }
  };
}
