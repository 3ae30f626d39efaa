import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
  createConnectRouter,
} from '@connectrpc/connect';
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logging/create-logger.ts';

/** What {@link connectRoutes} takes. */
export interface ConnectRoutesOptions extends ConnectRouterOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly logger: Logger;
}

/**
 * Serves Connect's handlers as fastify routes. Like `@connectrpc/connect-fastify`, which writes to the
 * console whenever a caller leaves a stream: here that is a line of the service's log, at debug level.
 */
export function connectRoutes(app: FastifyInstance, options: ConnectRoutesOptions): void {
  const { logger, routes, ...routerOptions } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    ...routerOptions,
  });
  routes(router);
  // Connect reads bodies itself, and refuses content types that it does not speak.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));

  for (const handler of router.handlers) {
    const rpc = `${handler.service.typeName}/${handler.method.name}`;
    app.all(handler.requestPath, async (request, reply) => {
      reply.hijack();
      try {
        const answer = await handler(
          universalRequestFromNodeRequest(request.raw, reply.raw, undefined, undefined),
        );
        await universalResponseToNodeResponse(answer, reply.raw);
      } catch (error) {
        const left =
          ConnectError.from(error).code === Code.Aborted || reply.raw.destroyed || reply.raw.writableEnded;
        logger[left ? 'debug' : 'warn']({ err: error, rpc }, 'the answer could not be sent');
        if (!reply.raw.writableEnded) reply.raw.destroy();
      }
    });
  }
}
