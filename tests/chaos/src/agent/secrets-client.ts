import { setTimeout as delay } from 'node:timers/promises';
import { Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { RunnerService } from '@token-handshake/proto/tokenhandshake';

const RETRY_MS = 200;

/**
 * Fetches the secrets of executions, for as long as it takes: the server may be away. Gives `undefined` when the signal comes
 * first.
 */
export function secretsClient(baseUrl: string, apiKey: string) {
  const shows: Interceptor = (next) => (request) => {
    request.header.set('authorization', `Bearer ${apiKey}`);
    return next(request);
  };
  const client = createClient(RunnerService, createGrpcTransport({ baseUrl, interceptors: [shows] }));
  return async (
    executionId: string,
    runToken: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined> => {
    while (!signal.aborted) {
      try {
        return (await client.getRunSecrets({ executionId, runToken }, { signal, timeoutMs: 5_000 })).values;
      } catch (error) {
        if (signal.aborted) break;
        if (!isPassing(error)) throw error;
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
    return undefined;
  };
}

/** The server is away, stands still, or its database is locked. */
function isPassing(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  return [Code.Unavailable, Code.DeadlineExceeded, Code.Aborted, Code.Canceled, Code.Internal].includes(code);
}
