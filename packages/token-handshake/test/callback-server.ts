import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** What a scripted server answers. */
export interface ScriptedReply {
  /** Default: 200. */
  readonly status?: number;
  /** Beside, and instead of, the content type of JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, or a value as JSON. */
  readonly body?: unknown;
}

/** One request that came. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** An HTTPS server on `localhost` that answers as it is told, in the place of a caller's service. */
export interface CallbackServer extends AsyncDisposable {
  readonly origin: string;
  /** The certificate, for those who are to trust it. */
  readonly ca: string;
  readonly requests: ReceivedRequest[];
  /** Connections since the start. */
  readonly connections: number;
}

/** One for all servers of a test file: making it is what takes time. */
let certificate: ReturnType<typeof generateCertificate> | undefined;

function generateCertificate() {
  return generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
}

/** Starts a server; `undefined` as a reply ends the connection without an answer. */
export async function startCallbackServer(
  reply: (request: ReceivedRequest) => ScriptedReply | undefined | Promise<ScriptedReply | undefined>,
): Promise<CallbackServer> {
  certificate ??= generateCertificate();
  const { private: key, cert } = await certificate;
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
    };
    requests.push(received);
    const answer = await reply(received);
    if (!answer) return void request.socket.destroy();
    const { status = 200, headers, body = {} } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer({ key, cert }, (request, response) => void handle(request, response));
  server.on('secureConnection', () => {
    connections += 1;
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${port}`,
    ca: cert,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
