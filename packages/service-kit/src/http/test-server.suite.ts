import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import {
  AgentExecutionQueryController,
  AgentExecutionSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { createLogger, type Logger } from '../logging/create-logger.ts';
import { createHttpServer, type HttpServer } from './create-http-server.ts';
import type { HttpServerOptions } from './http-server-options.ts';
import { standardInterceptors } from './standard-interceptors.ts';

/** What the domain would throw. */
export class NotHereError extends Error {}

/** A server for tests, its log lines, and the gates of requests that wait. */
export interface TestHttpServer extends HttpServer, AsyncDisposable {
  readonly url: string;
  readonly lines: Record<string, unknown>[];
  /** How many handlers of `subscribe` have ended, by themselves or interrupted. */
  ended(): number;
  /** How many handlers of `get aex_slow` wait. */
  waiting(): number;
  /** Lets the handlers of `get aex_slow` answer. */
  release(): void;
}

/** A logger whose lines end up in an array. */
export function collectingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  return { lines, logger: createLogger({ name: 'test', level: 'debug', destination }) };
}

/** Serves the real contract with handlers that show one behaviour each. */
export async function startTestServer(options: Partial<HttpServerOptions> = {}): Promise<TestHttpServer> {
  const { logger, lines } = collectingLogger();
  const slow = Promise.withResolvers<void>();
  let ended = 0;
  let waiting = 0;

  const routes = (router: ConnectRouter) => {
    router.service(AgentExecutionQueryController, {
      async get(request) {
        if (request.value === 'aex_missing') throw new NotHereError('no execution "aex_missing"');
        if (request.value === 'aex_bug') throw new Error('the password is hunter2');
        if (request.value === 'aex_slow') {
          waiting += 1;
          await slow.promise;
        }
        return { metadata: { id: request.value } };
      },
      async *subscribe(request, context) {
        try {
          const phases = [ExecutionPhase.EXECUTION_PENDING, ExecutionPhase.EXECUTION_COMPLETED];
          for (const phase of phases) yield create(AgentExecutionSchema, { status: { phase } });
          if (request.value === 'aex_bug') throw new Error('the password is hunter2');
          if (request.value === 'aex_open') await aborted(context.signal);
          if (request.value === 'aex_stubborn') {
            await aborted(context.signal);
            throw context.signal.reason;
          }
        } finally {
          ended += 1;
        }
      },
      list: (request) => ({ nextPageToken: String(request.pageToken.length) }),
    });
  };
  const interceptors = standardInterceptors({
    logger,
    toConnectError: (error) =>
      error instanceof NotHereError ? new ConnectError(error.message, Code.NotFound) : undefined,
  });
  const server = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    routes,
    interceptors,
    logger,
    drainMs: 300,
    cancelMs: 100,
    ...options,
  });
  return {
    ...server,
    url: server.address().url,
    lines,
    ended: () => ended,
    waiting: () => waiting,
    release: slow.resolve,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
