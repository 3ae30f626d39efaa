import type { AddressInfo, Server } from 'node:net';

/** A server that listens. */
export interface Listening {
  /** `http://host:port`. */
  readonly url: string;
  close(): void;
}

/** Has a server listen on a free port of this machine. */
export async function listen(server: Server): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
