import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { grpcTimeout } from './grpc-timeout.ts';

const PREFIX_BYTES = 5;
const OK = 0;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
/** Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Anything but OK. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  /** The number of the status. */
  readonly status: number;
  /** The trailers that came with it. */
  readonly trailers: IncomingHttpHeaders;

  constructor(status: number, message: string, trailers: IncomingHttpHeaders = {}, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.trailers = trailers;
  }
}

/** One unary call. */
export interface UnaryCall<Input extends DescMessage, Output extends DescMessage> {
  /** `/package.Service/method`. */
  readonly path: string;
  readonly input: Input;
  readonly output: Output;
  readonly request: MessageInitShape<Input>;
  readonly timeoutMs: number;
}

/**
 * The gRPC wire protocol by hand, as the existing caller speaks it: cleartext HTTP/2 without an upgrade, one request
 * message, one response message, nothing compressed, no credentials, no headers but the protocol's own.
 */
export class GrpcClient implements Disposable {
  readonly #session: ClientHttp2Session;

  /** @param address `host:port` */
  constructor(address: string) {
    this.#session = connect(`http://${address}`);
    // Each call under way gets the error, too.
    this.#session.on('error', () => {});
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }

  /** @throws GrpcError */
  async unary<Input extends DescMessage, Output extends DescMessage>(
    call: UnaryCall<Input, Output>,
  ): Promise<MessageShape<Output>> {
    const { path, input, output, request, timeoutMs } = call;
    const answer = await this.#exchange(path, frame(toBinary(input, create(input, request))), timeoutMs);
    return fromBinary(output, unframe(answer));
  }

  #exchange(path: string, body: Uint8Array, timeoutMs: number): Promise<Buffer> {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      'user-agent': 'grpc-go/1.78.0',
      te: 'trailers',
      'grpc-timeout': grpcTimeout(timeoutMs),
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          stream.close(constants.NGHTTP2_CANCEL);
          reject(new GrpcError(DEADLINE_EXCEEDED, 'context deadline exceeded'));
        },
        Math.min(timeoutMs, LONGEST_TIMER_MS),
      );
      const chunks: Buffer[] = [];
      let end: IncomingHttpHeaders = {};
      // An error without a message has its status in the headers: the answer ends with them.
      stream.on('response', (headers) => {
        end = headers;
      });
      stream.on('trailers', (trailers) => {
        end = trailers;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (cause) => reject(new GrpcError(UNAVAILABLE, cause.message, {}, { cause })));
      stream.on('close', () => {
        clearTimeout(timer);
        const status = Number(end['grpc-status'] ?? UNAVAILABLE);
        if (status === OK) return resolve(Buffer.concat(chunks));
        const words = String(end['grpc-message'] ?? 'the connection ended without a status');
        reject(new GrpcError(status, decodeURIComponent(words), end));
      });
      stream.end(body);
    });
  }
}

/** A byte that says "not compressed", the length as four bytes, the message. */
function frame(message: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(PREFIX_BYTES + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

function unframe(body: Buffer): Uint8Array {
  const length = body.length < PREFIX_BYTES ? -1 : body.readUInt32BE(1);
  if (body[0] !== 0 || body.length !== PREFIX_BYTES + length) {
    throw new Error(`expected one message that is not compressed, but ${body.length} bytes came`);
  }
  return body.subarray(PREFIX_BYTES);
}
