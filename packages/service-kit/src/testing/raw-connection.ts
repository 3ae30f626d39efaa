import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { Code } from '@connectrpc/connect';

/** A request as it goes out, right or wrong. */
export interface RawRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What came back. */
export interface RawAnswer {
  /** HTTP's status; absent when nothing came. */
  readonly status?: number;
  /** The RPC's code, such as `invalid_argument`; absent without one: it succeeded, or it is told by the status alone. */
  readonly code?: string;
  readonly body: string;
}

/** An HTTP/2 connection that sends whatever it is given. */
export interface RawConnection extends Disposable {
  readonly session: ClientHttp2Session;
}

/** Opens a connection; `url` is `http://host:port`. */
export function rawConnection(url: string): RawConnection {
  const session = connect(url);
  // Each request under way gets the error, too.
  session.on('error', () => {});
  return { session, [Symbol.dispose]: () => session.destroy() };
}

/** Sends a request and reads the answer to its end, or what has come of it after `limitMs`. */
export function exchange(
  { session }: RawConnection,
  { path, headers, body }: RawRequest,
  limitMs: number,
): Promise<RawAnswer> {
  const stream = session.request({ ...headers, ':method': 'POST', ':path': path });
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limitMs);
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (received) => {
      head = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A server that has answered need not take the rest of the request.
    stream.on('end', () => stream.destroy());
    // How it ended is told by what has come.
    stream.on('error', () => {});
    stream.on('close', () => {
      clearTimeout(timer);
      const status = head[':status'] as unknown as number | undefined;
      const text = Buffer.concat(chunks).toString();
      const code = codeOf({ ...head, ...trailers }, text);
      resolve({ ...(status !== undefined && { status }), ...(code !== undefined && { code }), body: text });
    });
    stream.end(body);
  });
}

/** gRPC tells its code in a header, gRPC-Web and Connect's streams at the end of the body, Connect in a JSON body. */
function codeOf(headers: IncomingHttpHeaders, body: string): string | undefined {
  const number = headers['grpc-status'] ?? /grpc-status: (\d+)/.exec(body)?.[1];
  if (number !== undefined) return Number(number) === 0 ? undefined : nameOf(Number(number));
  return /"code":"(\w+)"/.exec(body)?.[1];
}

function nameOf(code: number): string {
  const name = Code[code];
  return name === undefined ? `code ${code}` : name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
