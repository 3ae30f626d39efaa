import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = constants;

/** One call on its way through the proxy. */
export interface ForwardedCall {
  readonly headers: IncomingHttpHeaders;
  /** Request bytes that were read already. The rest of the request follows on the stream. */
  readonly head: readonly Buffer[];
  /** The stream's request has no more bytes than `head`. */
  readonly complete: boolean;
  /** Whether a caller that resets its stream takes the call back from the target too. */
  readonly revocable: boolean;
  /** True: the answer is read to its end and kept from the caller. */
  readonly swallow: boolean;
  /** The answer has begun to arrive; it is passed on once this resolves. */
  readonly beforeAnswer: () => Promise<void>;
  /** The answer is there: its gRPC status. */
  readonly onAnswer: (status: number) => void;
}

/**
 * Forwards one call: headers, data and trailers, both ways; a stream that either side resets is reset on the other.
 */
export function forwardCall(
  stream: ServerHttp2Stream,
  target: ClientHttp2Session,
  call: ForwardedCall,
): void {
  const onward = target.request(onwardHeaders(call.headers), { endStream: false });
  for (const each of [stream, onward]) each.on('error', () => {});
  for (const chunk of call.head) onward.write(chunk);
  if (call.complete) onward.end();
  else stream.pipe(onward);

  stream.on('close', () => {
    if (!call.revocable) return;
    if (!onward.destroyed && stream.rstCode !== NGHTTP2_NO_ERROR) onward.close(stream.rstCode);
    else if (stream.aborted) onward.close(NGHTTP2_CANCEL);
  });
  onward.on('close', () => {
    if (!stream.destroyed && onward.rstCode !== NGHTTP2_NO_ERROR && !call.swallow) {
      stream.close(onward.rstCode);
    }
  });
  if (call.swallow) swallowAnswer(onward, call.onAnswer);
  else returnAnswer(stream, onward, call);
}

function returnAnswer(
  stream: ServerHttp2Stream,
  onward: ClientHttp2Stream,
  { beforeAnswer, onAnswer }: ForwardedCall,
): void {
  let trailers: OutgoingHttpHeaders = {};
  onward.on('trailers', (received) => {
    trailers = received;
    onAnswer(statusOf(received));
  });
  onward.on('response', (headers, flags) => {
    const isWhole = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    if (isWhole) onAnswer(statusOf(headers));
    void beforeAnswer().then(() => {
      if (stream.destroyed || stream.closed) return;
      stream.respond(headers, isWhole ? { endStream: true } : { waitForTrailers: true });
      if (isWhole) return;
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      onward.pipe(stream);
    });
  });
}

function swallowAnswer(onward: ClientHttp2Stream, onAnswer: ForwardedCall['onAnswer']): void {
  let status: number | undefined;
  onward.on('response', (headers, flags) => {
    if ((flags & NGHTTP2_FLAG_END_STREAM) !== 0) status = statusOf(headers);
  });
  onward.on('trailers', (trailers) => {
    status = statusOf(trailers);
  });
  onward.on('close', () => {
    if (status !== undefined) onAnswer(status);
  });
  onward.resume();
}

/** Without the headers of the connection that the call came on. */
function onwardHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { connection: _connection, host: _host, ...others } = headers;
  return others;
}

function statusOf(headers: OutgoingHttpHeaders | IncomingHttpHeaders): number {
  return Number(headers['grpc-status'] ?? 2);
}
