import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';

/** What arbitrary tokens are made from. */
export interface TokenSources {
  /** A token that would be taken. */
  readonly good: Uint8Array;
  /** The namespace that the server works in. */
  readonly namespaceId: string;
}

const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
const segment = fc.uint8Array({ maxLength: 60 }).map(base64url);

/** Tokens that nobody sealed: any bytes, a good one that was changed, other JWEs, unsealed ones with odd fields. */
export function arbitraryToken({ good, namespaceId }: TokenSources): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 400 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).map((text) => Buffer.from(text)),
    fc.integer({ min: 8_100, max: 8_192 }).map((length) => Buffer.alloc(length, 'e')),
    // These get further than to the first look.
    { weight: 5, arbitrary: changed(good) },
    { weight: 5, arbitrary: otherJwe(good) },
    { weight: 5, arbitrary: rawToken(namespaceId) },
  );
}

/** One or a few changes to a good token; never none. */
function changed(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(good.length - 1);
  return fc.oneof(
    fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([index, by]) => {
      return Uint8Array.from(good, (byte, each) => (each === index ? byte ^ by : byte));
    }),
    fc.integer({ min: 1, max: good.length - 1 }).map((length) => good.subarray(0, length)),
    fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 20 })).map(([index, more]) => {
      return Buffer.concat([good.subarray(0, index), more, good.subarray(index)]);
    }),
    fc.nat(4).map((index) => {
      const parts = Buffer.from(good).toString().split('.');
      return Buffer.from(parts.map((part, each) => (each === index ? `${part}AAAA` : part)).join('.'));
    }),
    fc.constant(Buffer.from(Buffer.from(good).toString('base64'))),
  );
}

/** The shape of a JWE, compact or not, with a header of any kind. */
function otherJwe(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const [head = '', ...rest] = Buffer.from(good).toString().split('.');
  const known = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      ...Object.values(known),
      'dir',
      'none',
      'RSA-OAEP',
      'PBES2-HS256+A128KW',
      'A256GCM',
      'DEF',
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const header = fc.dictionary(
    fc.constantFrom(...Object.keys(known), 'zip', 'crit', 'p2c', 'p2s', 'epk', 'b64', '__proto__'),
    value,
  );
  const compact = (first: string, others: readonly string[]) => Buffer.from([first, ...others].join('.'));
  const encoded = fc.oneof(
    header.map((changes) => ({ ...known, ...changes })),
    header,
  );
  const jsonHeader = encoded.map((each) => base64url(JSON.stringify(each)));
  return fc.oneof(
    jsonHeader.filter((each) => each !== head).map((first) => compact(first, rest)),
    fc
      .tuple(jsonHeader, fc.array(segment, { maxLength: 6 }))
      .map(([first, others]) => compact(first, others)),
    fc.tuple(segment, segment).map(([first, second]) => compact(first, ['', second, ...rest.slice(2)])),
    encoded.map((each) => Buffer.from(JSON.stringify({ protected: head, ...each, ciphertext: rest[2] }))),
  );
}

/** Temporal's own token of an activity that does not exist, with fields left out, odd, repeated or of other types. */
function rawToken(namespaceId: string): fc.Arbitrary<Uint8Array> {
  const text = fc.oneof(
    fc.constantFrom(namespaceId, 'stigmer/call-agent', '', 'x'.repeat(2_000)),
    fc.uuid(),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const number = fc.oneof(
    fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
    fc.bigInt({ min: 0n, max: 1_000n }),
  );
  const field = fc.oneof(
    fc.tuple(fc.constantFrom(1, 2, 3, 6, 7, 8, 9, 12, 99), text).map(([no, value]) => {
      return (writer: BinaryWriter) => writer.tag(no, WireType.LengthDelimited).string(value);
    }),
    fc.tuple(fc.constantFrom(1, 4, 5, 10, 11), number).map(([no, value]) => {
      return (writer: BinaryWriter) => writer.tag(no, WireType.Varint).int64(value);
    }),
  );
  const good = (writer: BinaryWriter) => {
    writer.tag(1, WireType.LengthDelimited).string(namespaceId);
    for (const [no, value] of [
      [2, 'nobody'],
      [3, crypto.randomUUID()],
      [6, '1'],
      [8, 'stigmer/call-agent'],
    ] as const) {
      writer.tag(no, WireType.LengthDelimited).string(value);
    }
    return writer.tag(4, WireType.Varint).int64(5n).tag(5, WireType.Varint).int32(1);
  };
  return fc.tuple(fc.boolean(), fc.array(field, { minLength: 1, maxLength: 8 })).map(([whole, fields]) => {
    const writer = new BinaryWriter();
    if (whole) good(writer);
    // The last one of a repeated field counts.
    for (const write of fields) write(writer);
    return writer.finish();
  });
}
