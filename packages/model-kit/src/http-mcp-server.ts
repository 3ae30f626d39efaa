import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { toolsServer } from './tools.ts';

/** A server of tools over HTTP. */
export interface HttpMcpServer extends AsyncDisposable {
  readonly url: string;
  /** What was called. */
  readonly calls: readonly string[];
  /** Path and query of each request. */
  readonly paths: readonly string[];
}

/** Starts the tools of {@link toolsServer} over streamable HTTP; it lets in who shows `authorization`. */
export async function startHttpMcpServer(authorization: string): Promise<HttpMcpServer> {
  const calls: string[] = [];
  const paths: string[] = [];
  const http = createServer((request, response) => {
    paths.push(request.url ?? '');
    if (request.headers.authorization !== authorization) {
      response.writeHead(401).end();
      return;
    }
    // Without sessions: each request has a server of its own.
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = toolsServer({ note: (line) => void calls.push(line), key: authorization });
    response.on('close', () => void server.close());
    void server
      .connect(transport as Parameters<typeof server.connect>[0])
      .then(() => transport.handleRequest(request, response));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    calls,
    paths,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
