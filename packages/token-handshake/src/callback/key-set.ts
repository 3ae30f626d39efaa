import { randomBytes } from 'node:crypto';
import { HandshakeError } from '../handshake-error.ts';

const KEY_BYTES = 32;
const MAX_KID = 64;
const KID = /^[\x21-\x7e]+$/;

/** One symmetric key in JWK form (RFC 7517). A secret: keep the file that holds it readable by its owner only. */
export interface CallbackJwk {
  readonly kty: 'oct';
  readonly alg: 'A256GCM';
  readonly use: 'enc';
  readonly kid: string;
  /** The 32 bytes of the key, base64url. */
  readonly k: string;
  /** The caller that seals with it. */
  readonly iss?: string;
  /** The callee that opens with it. */
  readonly aud?: string;
}

/** A JWK set of sealing keys. */
export interface CallbackKeySet {
  readonly keys: CallbackJwk[];
}

/** For whom a new key is meant; without them it serves any pair that holds it. */
export interface GenerateKeySetOptions {
  readonly issuer?: string;
  readonly audience?: string;
}

/** Makes a set with one fresh random key. */
export function generateKeySet(options: GenerateKeySetOptions = {}): CallbackKeySet {
  return {
    keys: [
      {
        kty: 'oct',
        alg: 'A256GCM',
        use: 'enc',
        kid: randomBytes(6).toString('hex'),
        k: randomBytes(KEY_BYTES).toString('base64url'),
        ...(options.issuer !== undefined && { iss: options.issuer }),
        ...(options.audience !== undefined && { aud: options.audience }),
      },
    ],
  };
}

/** A key as read from a set. */
export interface ReadKey {
  readonly kid: string;
  readonly secret: Uint8Array;
  readonly iss: string | undefined;
  readonly aud: string | undefined;
}

/** Reads and checks every key of a set; one bad key makes the whole set unusable, so that no key is missed silently. */
export function readKeySet(jwks: unknown): readonly ReadKey[] {
  const set = typeof jwks === 'string' ? parse(jwks) : jwks;
  const keys = isRecord(set) ? set['keys'] : undefined;
  if (!Array.isArray(keys)) throw invalid('expected a JWK set, an object with the member "keys"');
  if (keys.length === 0) throw invalid('expected at least one key, and the set is empty');
  const read = keys.map(readKey);
  const seen = new Set<string>();
  for (const { kid } of read) {
    if (seen.has(kid)) throw invalid(`expected a "kid" of its own for each key, and "${kid}" comes twice`);
    seen.add(kid);
  }
  return read;
}

function readKey(value: unknown, index: number): ReadKey {
  const at = `key ${index + 1} of the set`;
  if (!isRecord(value)) throw invalid(`${at} is not an object`);
  const { kty, alg, use, kid, k, iss, aud } = value;
  if (typeof kid !== 'string' || kid.length > MAX_KID || !KID.test(kid)) {
    throw invalid(`${at} needs a "kid" of 1 to ${MAX_KID} printable characters`);
  }
  const named = `${at}, "${kid}",`;
  if (kty !== 'oct') throw invalid(`${named} must have "kty" "oct", a symmetric key`);
  if (alg !== 'A256GCM' && alg !== 'dir') throw invalid(`${named} must have "alg" "A256GCM" or "dir"`);
  if (use !== undefined && use !== 'enc') throw invalid(`${named} must have "use" "enc", or none`);
  if (iss !== undefined && typeof iss !== 'string') throw invalid(`${named} has an "iss" that is no text`);
  if (aud !== undefined && typeof aud !== 'string') throw invalid(`${named} has an "aud" that is no text`);
  const secret = typeof k === 'string' ? Buffer.from(k, 'base64url') : undefined;
  if (secret?.length !== KEY_BYTES || secret.toString('base64url') !== k) {
    throw invalid(`${named} must have a "k" of exactly ${KEY_BYTES} bytes (256 bits) in base64url`);
  }
  return { kid, secret: new Uint8Array(secret), iss, aud };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds keys: it is left out on purpose.
    throw invalid('expected a JWK set in JSON, and the text is not JSON');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string): HandshakeError {
  return new HandshakeError(
    'KEYS_INVALID',
    `${what}. A set looks like {"keys":[{"kty":"oct","alg":"A256GCM","kid":"<name>","k":"<32 random bytes, ` +
      'base64url>"}]}; make one with generateKeySet() of @token-handshake/core, or a key with ' +
      "`node -p \"require('node:crypto').randomBytes(32).toString('base64url')\"`",
  );
}
