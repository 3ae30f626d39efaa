import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import { Health } from '@token-handshake/proto/health';
import fastify, { type FastifyInstance } from 'fastify';
import type { ListenAddress } from '../config/schemas.ts';
import { closeWithin } from '../lifecycle/close-within.ts';
import type { Logger } from '../logging/create-logger.ts';
import { createHealthService } from './health-service.ts';
import { type HttpServerOptions, resolveHttpServerOptions } from './http-server-options.ts';
import { createOnePortServer, type OnePortServer } from './one-port-server.ts';
import { QuietLogController } from './quiet-log-controller.ts';
import { refuseUnnamedHost } from './refuse-unnamed-host.ts';
import { addStatusRoutes } from './status-routes.ts';
import { limitUnaryTime, timeLimitInterceptor } from './time-limit.ts';

/** A server that listens. */
export interface HttpServer {
  /** The bound address: with `port: 0` in the options, the port that the system chose. */
  address(): ListenAddress & { readonly url: string };
  /**
   * Accepts no more, tells health watchers, lets running requests finish for `drainMs`, then cancels what
   * is left with UNAVAILABLE and cuts its connections. Safe to call twice.
   */
  close(): Promise<void>;
}

/**
 * Starts one port that speaks gRPC (prior-knowledge HTTP/2), gRPC-Web and Connect, over HTTP/2 and HTTP/1.1,
 * with `/healthz`, `/readyz`, `/metrics` and grpc.health.v1 beside the given routes.
 *
 * @throws the system's error when the address cannot be bound.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const resolved = resolveHttpServerOptions(options);
  const { logger, readiness } = resolved;
  const closing = new AbortController();
  const cancelling = new AbortController();
  const services = new Set<string>();

  let port: OnePortServer | undefined;
  const app = fastify({
    loggerInstance: logger as Logger & { level: string },
    logController: new QuietLogController(),
    serverFactory(handler) {
      port = createOnePortServer({ ...resolved, handler });
      // Fastify only forwards events to it: listening and closing are done here.
      return port.server as Server;
    },
  }) as unknown as FastifyInstance;
  if (port === undefined) throw new Error('expected fastify to make its server');
  const onePort: OnePortServer = port;

  addStatusRoutes(app, resolved);
  await app.register(async (scoped) => {
    refuseUnnamedHost(scoped);
    await scoped.register(fastifyConnectPlugin, {
      interceptors: [...resolved.interceptors, timeLimitInterceptor()],
      ...(resolved.gate === undefined ? {} : { requestGate: resolved.gate }),
      readMaxBytes: resolved.readMaxBytes,
      shutdownSignal: cancelling.signal,
      routes(router: ConnectRouter) {
        router.service(Health, createHealthService({ readiness, services, signal: closing.signal }));
        resolved.routes(router);
        for (const handler of router.handlers) services.add(handler.service.typeName);
        limitUnaryTime(router, resolved.requestTimeoutMs);
      },
    });
  });
  await app.ready();
  await listen(onePort, resolved.listen);

  let closed: Promise<void> | undefined;
  const close = async () => {
    readiness.set('server', { ready: false, reason: 'shutting down' });
    closing.abort();
    const drained = Promise.all([onePort.drain(), app.close()]);
    const finished = await closeWithin(drained, resolved.drainMs);
    if (finished) return;
    logger.warn({ drainMs: resolved.drainMs }, 'requests still running after the drain time are cancelled');
    cancelling.abort(new ConnectError('the server is shutting down', Code.Unavailable));
    if (await closeWithin(drained, resolved.cancelMs)) return;
    onePort.destroy();
    await drained;
  };
  return {
    address: () => describeAddress(onePort),
    close: () => (closed ??= close()),
  };
}

function listen(port: OnePortServer, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    port.server.once('error', reject);
    port.server.listen({ host: address.host, port: address.port }, () => {
      port.server.off('error', reject);
      resolve();
    });
  });
}

function describeAddress(port: OnePortServer): ListenAddress & { url: string } {
  const address = port.server.address() as AddressInfo | null;
  if (address === null) throw new Error('the server does not listen any more: it has no address');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { host: address.address, port: address.port, url: `http://${host}:${address.port}` };
}
