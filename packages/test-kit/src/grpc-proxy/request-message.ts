import { gunzipSync } from 'node:zlib';

/** Before each message of gRPC: whether it is compressed, and its length. */
const HEAD_BYTES = 5;

/** The message of a unary call's request body, as protobuf. The only compression that clients here use is gzip. */
export function requestMessage(body: Buffer): Buffer {
  if (body.length < HEAD_BYTES) return Buffer.alloc(0);
  const message = body.subarray(HEAD_BYTES, HEAD_BYTES + body.readUInt32BE(1));
  return body[0] === 1 ? gunzipSync(message) : message;
}
