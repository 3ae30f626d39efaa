import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  isLoopback,
  type MetricsSource,
  type Readiness,
  type RequestGate,
  type Scope,
  standardInterceptors,
} from '@token-handshake/service-kit';
import type { Credentials } from './access/credentials.ts';
import { accessGates } from './access/gates.ts';
import type { StigmerContext } from './context.ts';
import { stigmerRoutes } from './rpc/index.ts';
import { connectErrors } from './rpc/to-connect-error.ts';

/** What {@link serveHttp} takes beside the context. */
export interface ServeHttpParts {
  readonly credentials: Credentials;
  readonly readiness: Readiness;
  readonly metrics: MetricsSource;
  readonly scope: Pick<Scope, 'add'>;
}

/** The addresses that the server serves at. */
export interface HttpServers {
  readonly http: HttpServer;
  /** Where nobody is asked who they are; absent unless a setting names its address. */
  readonly anonymousHttp?: HttpServer;
}

/**
 * Begins to accept requests. Metrics, and what readiness waits for, are shown at the main address only.
 *
 * @throws the system's error when an address is taken
 */
export async function serveHttp(context: StigmerContext, parts: ServeHttpParts): Promise<HttpServers> {
  const { config, logger } = context;
  const { credentials, readiness, metrics, scope } = parts;
  const gates = accessGates(config, credentials, context);
  const { maxMessageBytes, requestTimeoutMs, headersTimeoutMs } = config.limits;
  const at = (gate: RequestGate): Omit<HttpServerOptions, 'listen'> => ({
    routes: stigmerRoutes(context),
    interceptors: standardInterceptors({ toConnectError: connectErrors(logger), logger }),
    gate,
    logger,
    health: readiness,
    readMaxBytes: maxMessageBytes,
    requestTimeoutMs,
    headersTimeoutMs,
  });
  const http = scope.add(
    'http',
    await createHttpServer({ ...at(gates.main), listen: config.server.listen, metrics }),
  );
  announce(http, context);
  const { anonymousListen } = config.access;
  if (anonymousListen === undefined) return { http };
  const anonymousHttp = scope.add(
    'anonymous http',
    await createHttpServer({ ...at(gates.anonymous), listen: anonymousListen, readinessDetails: false }),
  );
  const { url } = anonymousHttp.address();
  logger.warn({ url }, 'serving callers without credentials: they may look up agents and create executions');
  return { http, anonymousHttp };
}

function announce(http: HttpServer, { config, logger }: StigmerContext): void {
  const { url } = http.address();
  const { mode, listen } = config.server;
  logger.info({ url, mode }, 'serving');
  if (isLoopback(listen.host)) return;
  logger.warn({ url }, 'API keys cross the network as they are: put a proxy with TLS before the server');
}
