import type { Transport } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

/** A connection to a server. */
export interface Channel {
  readonly transport: Transport;
  close(): void;
}

/** One HTTP/2 connection for all calls to a server, as Zigflow has one. */
export function channelTo(baseUrl: string): Channel {
  const sessionManager = new Http2SessionManager(baseUrl);
  return {
    transport: createGrpcTransport({ baseUrl, sessionManager }),
    close: () => sessionManager.abort(),
  };
}
