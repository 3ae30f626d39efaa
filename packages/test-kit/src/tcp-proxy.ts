import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a connection is cut: after so many bytes of one direction have passed. */
export interface CutPoint {
  readonly direction: 'toTarget' | 'toClient';
  /** Bytes that still pass; 0 cuts before the first one. */
  readonly afterBytes: number;
}

/** A TCP connection's middle man, for faults between two real processes. */
export interface TcpProxy extends AsyncDisposable {
  /** `host:port` for clients. */
  readonly address: string;
  /** `host:port` that new connections go to; may be set at any time. */
  target: string;
  /** Connections open now. */
  readonly connections: number;
  /** Bytes that passed in each direction since the start. */
  readonly passed: Readonly<Record<CutPoint['direction'], number>>;
  /** Ends new connections at once, and cuts those that are open, until {@link pass}. */
  refuse(): void;
  /** Keeps every connection open and lets nothing through, until {@link pass}. What came meanwhile is sent then. */
  hold(direction?: CutPoint['direction']): void;
  /** Lets everything through again. */
  pass(): void;
  /** Cuts the connections that are open; new ones pass. */
  cut(): void;
  /** Cuts the next connection that reaches the point, once. Resolves when it has been cut. */
  cutOnce(point: CutPoint): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly target: Socket;
}

interface PendingCut extends CutPoint {
  left: number;
  done(): void;
}

/** Starts a proxy on a free port of 127.0.0.1. Without a target, connections are refused. */
export async function startTcpProxy(target = ''): Promise<TcpProxy> {
  const links = new Set<Link>();
  const passed = { toTarget: 0, toClient: 0 };
  const held = new Set<CutPoint['direction']>();
  let refusing = false;
  let cuts: PendingCut[] = [];

  const end = (link: Link) => {
    links.delete(link);
    link.client.destroy();
    link.target.destroy();
  };
  const cutAll = () => {
    for (const link of links) end(link);
  };
  const applyHold = (link: Link) => {
    if (held.has('toTarget')) link.client.pause();
    else link.client.resume();
    if (held.has('toClient')) link.target.pause();
    else link.target.resume();
  };

  const forward = (link: Link, direction: CutPoint['direction'], data: Buffer) => {
    const [from, to] = direction === 'toTarget' ? [link.client, link.target] : [link.target, link.client];
    const cut = cuts.find((pending) => pending.direction === direction);
    if (cut !== undefined && data.length > cut.left) {
      passed[direction] += cut.left;
      cuts = cuts.filter((other) => other !== cut);
      to.end(data.subarray(0, cut.left), () => {
        end(link);
        cut.done();
      });
      from.pause();
      return;
    }
    if (cut !== undefined) cut.left -= data.length;
    passed[direction] += data.length;
    if (to.write(data)) return;
    from.pause();
    to.once('drain', () => applyHold(link));
  };

  const server = createServer((client) => {
    const address = proxy.target;
    const split = address.lastIndexOf(':');
    if (refusing || split < 0) {
      client.destroy();
      return;
    }
    const link = {
      client,
      target: connect({ host: address.slice(0, split), port: Number(address.slice(split + 1)) }),
    };
    links.add(link);
    for (const [socket, other] of [
      [link.client, link.target],
      [link.target, link.client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => end(link));
      socket.on('close', () => {
        // What the other side has not been sent yet still goes out.
        other.end();
        if (other.destroyed) links.delete(link);
      });
    }
    link.client.on('data', (data: Buffer) => forward(link, 'toTarget', data));
    link.target.on('data', (data: Buffer) => forward(link, 'toClient', data));
    applyHold(link);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });

  const proxy: TcpProxy = {
    address: addressOf(server),
    target,
    passed,
    get connections() {
      return links.size;
    },
    refuse() {
      refusing = true;
      cutAll();
    },
    hold(direction) {
      for (const each of direction === undefined ? (['toTarget', 'toClient'] as const) : [direction])
        held.add(each);
      for (const link of links) applyHold(link);
    },
    pass() {
      refusing = false;
      held.clear();
      for (const link of links) applyHold(link);
    },
    cut: cutAll,
    cutOnce: (point) =>
      new Promise((resolve) => {
        cuts.push({ ...point, left: point.afterBytes, done: resolve });
      }),
    async [Symbol.asyncDispose]() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return `${address.address}:${address.port}`;
}
