import type { ConnectRouter, Interceptor } from '@connectrpc/connect';
import type { ListenAddress } from '../config/schemas.ts';
import type { Logger } from '../logging/create-logger.ts';
import type { MetricsSource } from '../metrics/create-metrics.ts';
import { Readiness } from './readiness.ts';

/** The size that gRPC implementations take by default, and Temporal's limit for a message. */
const defaultReadMaxBytes = 4 * 1024 * 1024;
const defaultRequestTimeoutMs = 60_000;
const defaultHeadersTimeoutMs = 10_000;
/** Longer than the idle time of common load balancers (60 s), so that they close first. */
const defaultKeepAliveTimeoutMs = 72_000;
/** Together with the grace of workers (5 s, and 1 s for cancelled activities) below the 10 s to stop in. */
const defaultDrainMs = 3_000;
const defaultCancelMs = 500;

/** What {@link createHttpServer} takes. */
export interface HttpServerOptions {
  /** Interface and port; port 0 lets the system choose. */
  readonly listen: ListenAddress;
  /** Registers the RPC services. Default: only the health service. */
  readonly routes?: (router: ConnectRouter) => void;
  /** Around every RPC, the first one outermost: see {@link standardInterceptors}. Default: none. */
  readonly interceptors?: readonly Interceptor[];
  readonly logger: Logger;
  /** What `/readyz` and the health service show. Default: always ready. */
  readonly health?: Readiness;
  /** What `/metrics` shows. Default: no such route. */
  readonly metrics?: MetricsSource;
  /** Largest message an RPC takes, in bytes; a larger one is RESOURCE_EXHAUSTED. Default: 4 MiB. */
  readonly readMaxBytes?: number;
  /** An HTTP/1.1 request must have arrived whole within this time. Default: 60 s. */
  readonly requestTimeoutMs?: number;
  /** A connection must have sent the head of its first request within this time. Default: 10 s. */
  readonly headersTimeoutMs?: number;
  /** An idle HTTP/1.1 connection is kept for this time. Default: 72 s. */
  readonly keepAliveTimeoutMs?: number;
  /** How long running requests may take to finish once the server closes. Default: 3 s. */
  readonly drainMs?: number;
  /** How long cancelled requests may take to end before their connections are cut. Default: 500 ms. */
  readonly cancelMs?: number;
}

/** {@link HttpServerOptions} with every default in place. */
export interface ResolvedHttpServerOptions {
  readonly listen: ListenAddress;
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: Interceptor[];
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly metrics?: MetricsSource;
  readonly readMaxBytes: number;
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly drainMs: number;
  readonly cancelMs: number;
}

/** Fills in the defaults. */
export function resolveHttpServerOptions(options: HttpServerOptions): ResolvedHttpServerOptions {
  return {
    listen: options.listen,
    routes: options.routes ?? (() => {}),
    interceptors: [...(options.interceptors ?? [])],
    logger: options.logger,
    readiness: options.health ?? new Readiness(),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    readMaxBytes: options.readMaxBytes ?? defaultReadMaxBytes,
    requestTimeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
    headersTimeoutMs: options.headersTimeoutMs ?? defaultHeadersTimeoutMs,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? defaultKeepAliveTimeoutMs,
    drainMs: options.drainMs ?? defaultDrainMs,
    cancelMs: options.cancelMs ?? defaultCancelMs,
  };
}
