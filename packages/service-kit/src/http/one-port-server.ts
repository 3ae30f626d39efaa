import { createServer as createHttp1Server, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';

/** Every HTTP/2 connection begins with these bytes; no HTTP/1.1 request does. */
const http2Preface = Buffer.from('PRI * HTTP/2');
/** How late a connection may be cut after its time. */
const timeoutCheckMs = 1_000;
/** What a call is given first to answer for itself that its time is over. */
const requestTimeoutSlackMs = 5_000;

/** What {@link createOnePortServer} takes; all times in milliseconds. */
export interface OnePortServerOptions {
  readonly handler: RequestListener;
  /** A connection must have sent the head of its first request within this time. */
  readonly headersTimeoutMs: number;
  /** A request should have arrived whole within this time; over HTTP/1.1 the connection is cut soon after. */
  readonly requestTimeoutMs: number;
  /** An idle HTTP/1.1 connection is kept for this time. */
  readonly keepAliveTimeoutMs: number;
}

/** HTTP/1.1 and cleartext HTTP/2 with prior knowledge behind one listening socket. */
export interface OnePortServer {
  /** The socket that listens. */
  readonly server: Server;
  /** Accepts no more, ends idle connections, lets running requests finish. Resolves when all have. */
  drain(): Promise<void>;
  /** Cuts every connection that is still open. */
  destroy(): void;
}

/**
 * A TCP server that reads the first bytes of each connection and hands it to an HTTP/1.1 or an HTTP/2
 * server, neither of which listens itself.
 */
export function createOnePortServer(options: OnePortServerOptions): OnePortServer {
  const http1 = createHttp1Server(
    {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.requestTimeoutMs + requestTimeoutSlackMs,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(timeoutCheckMs, options.headersTimeoutMs),
    },
    options.handler,
  );
  const sessions = new Set<ServerHttp2Session>();
  const http2 = createTrackedHttp2Server(options.handler, sessions, options.headersTimeoutMs);
  const sockets = new Set<Socket>();
  const undecided = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    undecided.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      undecided.delete(socket);
    });
    sniff(socket, options.headersTimeoutMs, (isHttp2) => {
      undecided.delete(socket);
      // HTTP/1.1 ends half a connection by itself. To HTTP/2 a client that has closed its half, or died, is gone.
      socket.allowHalfOpen = !isHttp2;
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
  // An HTTP/1.1 server starts to watch its header and request time-outs when it begins to listen.
  server.once('listening', () => http1.emit('listening'));

  return {
    server,
    async drain() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      http1.keepAliveTimeout = 1;
      http1.closeIdleConnections();
      for (const session of sessions) session.close();
      for (const socket of undecided) socket.destroy();
      await closed;
      // It never listened, so this only ends its time-out watch; it complains about the former.
      http1.close(() => {});
    },
    destroy() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function createTrackedHttp2Server(
  handler: RequestListener,
  sessions: Set<ServerHttp2Session>,
  headersTimeoutMs: number,
): Http2Server {
  // The compatibility layer of node:http2 gives handlers the shapes that node:http does.
  const server = createHttp2Server({}, handler as unknown as Parameters<typeof createHttp2Server>[1]);
  server.on('session', (session) => {
    sessions.add(session);
    // Half a head opens no stream, so that nothing is lost with the session.
    const timer = setTimeout(() => session.destroy(), headersTimeoutMs);
    session.once('stream', () => clearTimeout(timer));
    session.once('close', () => {
      clearTimeout(timer);
      sessions.delete(session);
    });
  });
  return server;
}

/** Reads until the bytes tell the protocol (they may come one by one), and puts them back. */
function sniff(socket: Socket, timeoutMs: number, decide: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const onError = () => socket.destroy();
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const head = seen.subarray(0, http2Preface.length);
    const couldBeHttp2 = head.equals(http2Preface.subarray(0, head.length));
    if (couldBeHttp2 && head.length < http2Preface.length) return;
    stop();
    socket.unshift(seen);
    decide(couldBeHttp2);
  };
  // Half a preface and then the end: nobody is left to talk to.
  const onEnd = () => socket.destroy();
  const stop = () => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', stop);
  };
  socket.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', stop);
}
