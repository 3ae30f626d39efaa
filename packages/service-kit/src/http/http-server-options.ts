import type { ConnectRouter, Interceptor } from '@connectrpc/connect';
import type { RequestGate } from '../access/access-gate.ts';
import type { ListenAddress } from '../config/schemas.ts';
import type { Logger } from '../logging/create-logger.ts';
import type { MetricsSource } from '../metrics/create-metrics.ts';
import { Readiness } from './readiness.ts';

/** The size that gRPC implementations take by default, and Temporal's limit for a message. */
const defaultReadMaxBytes = 4 * 1024 * 1024;
/** Every unary method answers from a database; what takes longer is stuck. */
const defaultRequestTimeoutMs = 10_000;
/** A head is one packet, or a few. */
const defaultHeadersTimeoutMs = 5_000;
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
  /** Lets each call in before its body is read, or throws. Default: every call is let in. */
  readonly gate?: RequestGate;
  readonly logger: Logger;
  /** What `/readyz` and the health service show. Default: always ready. */
  readonly health?: Readiness;
  /** Whether `/readyz` says what is missing, or only that something is. Default: true. */
  readonly readinessDetails?: boolean;
  /** What `/metrics` shows. Default: no such route. */
  readonly metrics?: MetricsSource;
  /** Largest message an RPC takes, in bytes; a larger one is RESOURCE_EXHAUSTED. Default: 4 MiB. */
  readonly readMaxBytes?: number;
  /**
   * A unary call must have arrived whole and been answered within this time, else it is DEADLINE_EXCEEDED; streams last
   * as long as they like. Default: 10 s.
   */
  readonly requestTimeoutMs?: number;
  /** A connection must have sent the head of its first request within this time. Default: 5 s. */
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
  readonly gate?: RequestGate;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly readinessDetails: boolean;
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
    ...(options.gate === undefined ? {} : { gate: options.gate }),
    logger: options.logger,
    readiness: options.health ?? new Readiness(),
    readinessDetails: options.readinessDetails ?? true,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    readMaxBytes: options.readMaxBytes ?? defaultReadMaxBytes,
    requestTimeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
    headersTimeoutMs: options.headersTimeoutMs ?? defaultHeadersTimeoutMs,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? defaultKeepAliveTimeoutMs,
    drainMs: options.drainMs ?? defaultDrainMs,
    cancelMs: options.cancelMs ?? defaultCancelMs,
  };
}
