import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt } from 'jose';
import { sealedToken, type TokenForge } from './token-forge.ts';

/** What is changed between opening a good token and sealing it again. */
export interface Reseal {
  /** Laid over the header; `undefined` takes a field out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Laid over the sealed claims; `undefined` takes one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How many bytes of the key are used. Default: all. */
  readonly keyBytes?: number;
}

/** A good token, opened, changed and sealed with the system's own key: its seal holds, and it says something else. */
export async function resealedToken(forge: TokenForge, change: Reseal): Promise<Uint8Array> {
  const { secret } = forge.keyRing.sealingKey();
  const { plaintext, protectedHeader } = await compactDecrypt(await sealedToken(forge, {}), secret);
  const claims = { ...JSON.parse(new TextDecoder().decode(plaintext)), ...change.claims };
  // Through JSON, which drops what is undefined.
  const header = JSON.parse(JSON.stringify({ ...protectedHeader, ...change.header }));
  const compact = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader(header as CompactJWEHeaderParameters)
    .encrypt(secret.slice(0, change.keyBytes));
  return new TextEncoder().encode(compact);
}

/** A good token under the readable header of another good one. */
export async function swappedHeader(forge: TokenForge): Promise<Uint8Array> {
  const [one, other] = await Promise.all([partsOf(forge), partsOf(forge)]);
  return new TextEncoder().encode([other[0], ...one.slice(1)].join('.'));
}

async function partsOf(forge: TokenForge): Promise<string[]> {
  return new TextDecoder().decode(await sealedToken(forge, {})).split('.');
}
