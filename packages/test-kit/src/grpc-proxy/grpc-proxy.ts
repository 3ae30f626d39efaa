import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { forwardCall } from './forward-call.ts';
import {
  type ArmedFault,
  armFault,
  type GrpcFault,
  type GrpcFaultOptions,
  grpcStatus,
  isMethod,
} from './grpc-fault.ts';
import { requestMessage } from './request-message.ts';

/** What happened to the calls of one method. */
export interface GrpcCounts {
  /** Calls that came in. */
  readonly received: number;
  /** Calls that were passed on to the target. */
  readonly forwarded: number;
  /** The target's answers by their gRPC status, lost ones included. */
  readonly answered: Readonly<Record<number, number>>;
}

/**
 * A middle man between gRPC clients and a server, both without TLS, for faults of single methods. A method is named by
 * its whole path, as `Service/Method`, or by its name alone. Each client connection has a connection of its own to the target.
 */
export interface GrpcProxy extends AsyncDisposable {
  /** `host:port` for clients. */
  readonly address: string;
  /** `host:port` that new connections go to; may be set at any time. */
  target: string;
  /** Client connections open now. */
  readonly connections: number;
  /** Answers calls of a method here. Default status: 7, `PERMISSION_DENIED`. */
  deny(method: string, options?: GrpcFaultOptions & { status?: number; message?: string }): GrpcFault;
  /**
   * Keeps calls of a method back until the fault is ended; then they are forwarded, also those whose caller has given
   * up, but not those whose connection is gone.
   */
  hold(method: string, options?: GrpcFaultOptions): GrpcFault;
  /** Forwards calls of a method, and keeps the answers back until the fault is ended. */
  holdAnswer(method: string, options?: GrpcFaultOptions): GrpcFault;
  /** Forwards calls of a method so much later. */
  delay(method: string, ms: number, options?: GrpcFaultOptions): GrpcFault;
  /** Forwards calls of a method, waits for the answer, and cuts the client's connection instead of passing it on. */
  loseAnswer(method: string, options?: GrpcFaultOptions): GrpcFault;
  /** What happened to a method's calls since the start. */
  counts(method: string): GrpcCounts;
  /** The paths of all methods that were called. */
  methods(): readonly string[];
  /** Cuts every connection and every new one, until {@link pass}. */
  refuse(): void;
  /** Ends {@link refuse}. Faults of methods stay. */
  pass(): void;
  /** Cuts the connections that are open; new ones pass. */
  cut(): void;
}

/** Large results and many long polls share a connection: nothing here may be the limit. */
const WINDOW_BYTES = 16 * 1024 * 1024;
const MAX_SESSION_MEMORY_MB = 512;

interface MutableCounts {
  received: number;
  forwarded: number;
  answered: Record<number, number>;
}

/** Starts a proxy on a free port of 127.0.0.1. Without a target, connections are refused. */
export async function startGrpcProxy(target = ''): Promise<GrpcProxy> {
  const links = new Map<ServerHttp2Session, ClientHttp2Session>();
  const counts = new Map<string, MutableCounts>();
  const faults: ArmedFault[] = [];
  let refusing = false;

  const countsOf = (path: string) => {
    const found = counts.get(path) ?? { received: 0, forwarded: 0, answered: {} };
    counts.set(path, found);
    return found;
  };
  const arm = (...fault: Parameters<typeof armFault>) => {
    const armed = armFault(...fault);
    faults.push(armed);
    return armed;
  };
  const cut = () => {
    for (const session of links.keys()) session.destroy();
  };

  const settings = { initialWindowSize: WINDOW_BYTES, enablePush: false };
  const server = createServer({ settings, maxSessionMemory: MAX_SESSION_MEMORY_MB });
  server.on('sessionError', () => {});
  server.on('session', (client) => {
    client.on('error', () => {});
    if (refusing || proxy.target === '') {
      client.destroy();
      return;
    }
    const onward = connect(`http://${proxy.target}`, { settings, maxSessionMemory: MAX_SESSION_MEMORY_MB });
    onward.on('error', () => {});
    links.set(client, onward);
    // Before the settings are exchanged there is no window to set.
    client.once('remoteSettings', () => widen(client));
    onward.once('connect', () => widen(onward));
    client.on('close', () => {
      links.delete(client);
      onward.destroy();
    });
    onward.on('close', () => client.destroy());
  });

  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void handle(stream, headers);
  });

  const handle = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const path = headers[':path'] ?? '';
    const count = countsOf(path);
    count.received += 1;
    // Without a fault for its method, a call's bytes pass as they come.
    const looksAt = faults.some((fault) => fault.mayTake(path));
    const request = looksAt ? await readAll(stream) : Buffer.alloc(0);
    const message = requestMessage(request);
    const fault = faults.find((each) => each.takes(path, message));
    if (fault?.what.kind === 'deny') {
      fault.strike();
      deny(stream, fault.what);
      return;
    }
    // Read before anything is waited for: a stream that is reset forgets its session.
    const session = stream.session as ServerHttp2Session | undefined;
    if (fault?.what.kind === 'hold' || fault?.what.kind === 'delay') {
      fault.strike();
      await fault.keep();
    }
    const onward = session === undefined ? undefined : links.get(session);
    if (onward === undefined || onward.destroyed || onward.closed) {
      // The caller is gone, or the target's connection: what is open on this one ends with it.
      session?.destroy();
      return;
    }
    count.forwarded += 1;
    const loses = fault?.what.kind === 'lose';
    forwardCall(stream, onward, {
      headers,
      head: [request],
      complete: looksAt,
      revocable: fault?.what.kind !== 'hold',
      swallow: loses || stream.destroyed,
      async beforeAnswer() {
        if (fault?.what.kind !== 'holdAnswer') return;
        fault.strike();
        await fault.keep();
      },
      onAnswer: (status) => {
        count.answered[status] = (count.answered[status] ?? 0) + 1;
        if (!loses) return;
        fault.strike();
        session?.destroy();
      },
    });
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const { address, port } = server.address() as AddressInfo;

  const proxy: GrpcProxy = {
    address: `${address}:${port}`,
    target,
    get connections() {
      return links.size;
    },
    deny: (method, options = {}) => {
      const { status = grpcStatus.permissionDenied, message = 'denied by the proxy of the test' } = options;
      return arm(method, { kind: 'deny', status, message }, options);
    },
    hold: (method, options) => arm(method, { kind: 'hold' }, options),
    holdAnswer: (method, options) => arm(method, { kind: 'holdAnswer' }, options),
    delay: (method, ms, options) => arm(method, { kind: 'delay', ms }, options),
    loseAnswer: (method, options) => arm(method, { kind: 'lose' }, options),
    counts: (method) => sum([...counts].filter(([path]) => isMethod(path, method))),
    methods: () => [...counts.keys()],
    refuse() {
      refusing = true;
      cut();
    },
    pass() {
      refusing = false;
    },
    cut,
    async [Symbol.asyncDispose]() {
      for (const fault of faults) fault.end();
      refusing = true;
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function deny(stream: ServerHttp2Stream, { status, message }: { status: number; message: string }): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': status,
      'grpc-message': encodeURIComponent(message),
    },
    { endStream: true },
  );
}

function readAll(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => resolve(Buffer.concat(chunks));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', done);
    stream.once('close', done);
  });
}

function widen(session: Http2Session): void {
  if (!session.destroyed) session.setLocalWindowSize(WINDOW_BYTES);
}

function sum(of: readonly (readonly [string, MutableCounts])[]): GrpcCounts {
  const total: MutableCounts = { received: 0, forwarded: 0, answered: {} };
  for (const [, { received, forwarded, answered }] of of) {
    total.received += received;
    total.forwarded += forwarded;
    for (const [status, n] of Object.entries(answered)) {
      total.answered[Number(status)] = (total.answered[Number(status)] ?? 0) + n;
    }
  }
  return total;
}
