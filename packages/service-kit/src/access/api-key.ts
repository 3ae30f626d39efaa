import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits: such a key cannot be guessed, so that a plain hash of it is enough to keep. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;
const FORMAT = /^sgk_(?<id>[0-9a-f]{12})_[\w-]{43}$/;

/** A new key, `sgk_<id>_<secret>`: what a client sends. A service keeps its hash. */
export function makeApiKey(): string {
  const id = randomBytes(ID_BYTES).toString('hex');
  return `sgk_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** The id within a key; `undefined` for what is no key. */
export function apiKeyId(key: string): string | undefined {
  return FORMAT.exec(key)?.groups?.['id'];
}

/** SHA-256 of a key, lowercase hex. */
export function hashApiKey(key: string): string {
  return digestOf(key).toString('hex');
}

/** Whether a key is the one with this hash; takes the same time for every wrong one. */
export function matchesHash(key: string, sha256: string): boolean {
  return timingSafeEqual(digestOf(key), Buffer.from(sha256, 'hex'));
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
