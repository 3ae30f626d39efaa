import { HandshakeError } from '../handshake-error.ts';
import type { CallbackToken, Fingerprint } from '../ids.ts';
import type { CallbackHeader } from './claims.ts';

/** A callback token has at most this many bytes, so that nobody is made to decrypt more. */
export const MAX_TOKEN_BYTES = 8 * 1024;

export const ALG = 'dir';
export const ENC = 'A256GCM';

const PARTS = 5;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The head of every JWE whose header is a JSON object: Base64url of `{"`. No protobuf task token begins so. */
const HEAD = 'eyJ';
const FINGERPRINT = /^[0-9a-f]{12}$/;
const TARGET = /^[\x21-\x7e]{1,2048}$/;

/**
 * Tells a sealed token from a raw task token by its form alone, without reading it: ASCII, five parts, a JSON header.
 */
export function looksSealed(bytes: Uint8Array): boolean {
  if (bytes.length < HEAD.length) return false;
  let dots = 0;
  for (const byte of bytes) {
    if (byte === 0x2e) dots++;
    else if (!isBase64Url(byte)) return false;
  }
  return dots === PARTS - 1 && Buffer.from(bytes.subarray(0, HEAD.length)).toString('ascii') === HEAD;
}

/** The five parts of a token, checked in form, and its header; nothing here is authenticated yet. */
export interface CompactToken {
  readonly text: string;
  readonly header: CallbackHeader;
}

/**
 * Takes a callback token apart.
 *
 * @throws HandshakeError `TOKEN_EMPTY`, `TOKEN_TOO_LARGE`, `TOKEN_UNREADABLE`, `TOKEN_ALGORITHM_REFUSED`,
 * `TOKEN_HEADER_INVALID`
 */
export function takeApart(token: Uint8Array): CompactToken {
  if (token.length === 0) {
    throw new HandshakeError(
      'TOKEN_EMPTY',
      'expected a callback token, and an empty one came; send no field at all',
    );
  }
  if (token.length > MAX_TOKEN_BYTES) {
    throw new HandshakeError(
      'TOKEN_TOO_LARGE',
      `expected a callback token of at most ${MAX_TOKEN_BYTES} bytes, and ${token.length} came`,
    );
  }
  if (!looksSealed(token)) throw unreadable('it is not the ASCII of a compact JWE');
  const text = Buffer.from(token).toString('ascii');
  const [header = '', key = '', iv = '', ciphertext = '', tag = ''] = text.split('.');
  if (key !== '') throw unreadable('it carries an encrypted key, which "dir" has not');
  if (decode(iv, 'initialization vector').length !== IV_BYTES)
    throw unreadable('its initialization vector is not of 96 bits');
  if (decode(tag, 'tag').length !== TAG_BYTES) throw unreadable('its tag is not of 128 bits');
  if (decode(ciphertext, 'ciphertext').length === 0) throw unreadable('it seals nothing');
  return { text, header: parseHeader(decode(header, 'header')) };
}

/**
 * Reads what a callback token shows without a key. Trust it only after `open`.
 *
 * @throws HandshakeError as {@link takeApart}
 */
export function readHeader(token: CallbackToken | Uint8Array): CallbackHeader {
  return takeApart(token).header;
}

function parseHeader(bytes: Buffer): CallbackHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw unreadable('its header is not JSON', error);
  }
  if (typeof header !== 'object' || header === null) throw unreadable('its header is no object');
  const { alg, enc, zip, crit, kid, tgt, exp, hbt, fp } = header as Record<string, unknown>;
  if (alg !== ALG || enc !== ENC) throw refusedAlgorithm(`only alg "${ALG}" with enc "${ENC}" is`);
  if (zip !== undefined) throw refusedAlgorithm('compression ("zip") is not');
  if (crit !== undefined) throw refusedAlgorithm('a critical extension ("crit") is not');
  if (typeof kid !== 'string' || kid === '') throw invalidHeader('kid', 'the id of a key');
  if (typeof tgt !== 'string' || !TARGET.test(tgt))
    throw invalidHeader('tgt', 'the name of a completion target');
  if (!isPositive(exp)) throw invalidHeader('exp', 'a time in milliseconds');
  if (!isPositive(hbt)) throw invalidHeader('hbt', 'a heartbeat time-out in milliseconds');
  if (typeof fp !== 'string' || !FINGERPRINT.test(fp)) throw invalidHeader('fp', '12 lowercase hex digits');
  return { kid, target: tgt, exp, heartbeatTimeoutMs: hbt, fingerprint: fp as Fingerprint };
}

/** Decodes strictly: a spelling that decodes to the same bytes is another token, and would slip past comparisons. */
function decode(part: string, name: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw unreadable(`its ${name} is not canonical base64url`);
  return bytes;
}

function isBase64Url(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x5f
  );
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function unreadable(why: string, cause?: unknown): HandshakeError {
  return new HandshakeError(
    'TOKEN_UNREADABLE',
    `expected a callback token, but ${why}; send the bytes that seal() made, unchanged`,
    { cause },
  );
}

function refusedAlgorithm(what: string): HandshakeError {
  return new HandshakeError('TOKEN_ALGORITHM_REFUSED', `the callback token is refused: ${what} allowed`);
}

function invalidHeader(field: string, expected: string): HandshakeError {
  return new HandshakeError(
    'TOKEN_HEADER_INVALID',
    `the callback token's header field "${field}" must be ${expected}; send the bytes that seal() made, unchanged`,
  );
}
