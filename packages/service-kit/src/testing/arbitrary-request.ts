import { toBinary, toJsonString } from '@bufbuild/protobuf';
import { type ArbitraryMessageOptions, arbitraryMessage } from '@token-handshake/proto/testing';
import fc from 'fast-check';
import type { RawRequest } from './raw-connection.ts';
import type { Rpc } from './rpcs-of.ts';

/** What {@link arbitraryRequest} takes. */
export interface ArbitraryRequestOptions extends ArbitraryMessageOptions {
  /** Headers of every request, such as credentials. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** After how long the server is to end a stream, in milliseconds. Default: 100. */
  readonly streamMs?: number;
}

const STREAM_MS = 100;
const unaryTypes = [
  'application/grpc',
  'application/grpc+proto',
  'application/grpc-web+proto',
  'application/proto',
];
const streamTypes = ['application/grpc', 'application/grpc-web+proto', 'application/connect+proto'];
const otherTypes = [
  'application/json',
  'application/connect+json',
  'application/grpc+json',
  'text/plain',
  'application/grpc; charset=utf-8',
  'application/grpc+thrift',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '',
  'nonsense',
];

/** Header fields that mean something to a server, with values that mean nothing. */
const oddHeaders = fc.dictionary(
  fc.constantFrom(
    'grpc-timeout',
    'connect-timeout-ms',
    'connect-protocol-version',
    'connect-content-encoding',
    'connect-accept-encoding',
    'grpc-encoding',
    'grpc-accept-encoding',
    'content-encoding',
    'accept',
    'idempotency-key',
    'x-request-id',
    'user-agent',
    'bin-bin',
  ),
  fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '-1',
      '99999999999999H',
      '1',
      'gzip',
      'br',
      'identity',
      'NaN',
      '1x',
      '%00',
      '====',
    ),
    fc.string({ unit: 'grapheme-ascii', maxLength: 300 }).map((text) => text.trim()),
  ),
  { maxKeys: 3 },
);

/**
 * Requests to one RPC: right ones with any message, and wrong in every way that a client can be: bytes that are no
 * message, frames cut short or with odd flags, other content types, odd headers.
 */
export function arbitraryRequest(
  { path, method }: Rpc,
  { headers = {}, streamMs = STREAM_MS, ...options }: ArbitraryRequestOptions = {},
): fc.Arbitrary<RawRequest> {
  const { input, methodKind } = method;
  const unary = methodKind === 'unary';
  const limits: Record<string, string> = unary
    ? {}
    : { 'grpc-timeout': `${streamMs}m`, 'connect-timeout-ms': String(streamMs) };
  const message = arbitraryMessage(input, options);
  const binary = message.map((each) => toBinary(input, each));
  const json = message.map((each) => Buffer.from(toJsonString(input, each)));
  const garbage = fc.uint8Array({ maxLength: 200 });
  const type = fc.constantFrom(...(unary ? unaryTypes : streamTypes));
  const request = (contentType: string, body: Uint8Array, more: Readonly<Record<string, string>> = {}) => ({
    path,
    headers: { te: 'trailers', ...limits, ...headers, ...more, 'content-type': contentType },
    body,
  });
  const framed = (contentType: string, body: Uint8Array) =>
    contentType === 'application/proto' ? body : frame(body);
  const jsonType = unary ? 'application/json' : 'application/connect+json';

  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(type, binary).map(([t, body]) => request(t, framed(t, body))) },
    { weight: 3, arbitrary: json.map((body) => request(jsonType, unary ? body : frame(body))) },
    { weight: 2, arbitrary: fc.tuple(type, garbage).map(([t, body]) => request(t, framed(t, body))) },
    { weight: 1, arbitrary: fc.tuple(type, garbage).map(([t, body]) => request(t, body)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.json(), garbage).map(([text]) => request(jsonType, Buffer.from(text))),
    },
    { weight: 2, arbitrary: fc.tuple(type, brokenFrame(binary)).map(([t, body]) => request(t, body)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...otherTypes), binary).map(([t, body]) => request(t, body)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(type, binary, oddHeaders).map(([t, body, odd]) => request(t, framed(t, body), odd)),
    },
  );
}

/** A message with its flags and its length before it, as gRPC and Connect's streams have it. */
function frame(message: Uint8Array, flags = 0, length = message.length): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, message]);
}

/** A frame that is cut short, or promises another length, or has flags that nobody knows; or several of them. */
function brokenFrame(message: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const whole = message.map((body) => frame(body));
  return fc.oneof(
    fc.tuple(whole, fc.nat(40)).map(([body, cut]) => body.subarray(0, Math.max(0, body.length - 1 - cut))),
    fc.tuple(message, fc.integer({ min: 0, max: 255 })).map(([body, flags]) => frame(body, flags)),
    fc
      .tuple(message, fc.integer({ min: 0, max: 2 ** 32 - 1 }))
      .map(([body, length]) => frame(body, 0, length)),
    fc.array(whole, { minLength: 2, maxLength: 3 }).map((frames) => Buffer.concat(frames)),
  );
}
