import { CompactEncrypt } from 'jose';
import { HandshakeError } from '../handshake-error.ts';
import type { CallbackToken } from '../ids.ts';
import type { CallbackClaims } from './claims.ts';
import { ALG, ENC, MAX_TOKEN_BYTES, readHeader } from './compact.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { KeyRing } from './key-ring.ts';
import { decodeClaims, encodeClaims } from './sealed-claims.ts';

/**
 * Seals a task token with its claims for one callee: a compact JWE (`dir`, `A256GCM`) under the ring's first key.
 * Each seal of the same claims differs; compare tokens by `digestOf`.
 *
 * @throws HandshakeError `TOKEN_CLAIMS_INVALID` or `TOKEN_HEADER_INVALID` for claims that `open` would refuse,
 * `TOKEN_TOO_LARGE` above 8 KiB
 */
export async function seal(ring: KeyRing, claims: CallbackClaims): Promise<CallbackToken> {
  const key = ring.sealingKey();
  const fingerprint = fingerprintOf(claims.taskToken);
  const plaintext = encodeClaims(claims);
  const compact = await new CompactEncrypt(plaintext)
    .setProtectedHeader({
      alg: ALG,
      enc: ENC,
      kid: key.kid,
      tgt: claims.target,
      exp: claims.exp,
      hbt: claims.heartbeatTimeoutMs,
      fp: fingerprint,
    })
    .encrypt(key.secret);
  const token = new TextEncoder().encode(compact) as Uint8Array as CallbackToken;
  if (token.length > MAX_TOKEN_BYTES) {
    throw new HandshakeError(
      'TOKEN_TOO_LARGE',
      `a callback token has at most ${MAX_TOKEN_BYTES} bytes, and this one would have ${token.length}; use shorter ` +
        'workflow, activity and call ids',
    );
  }
  // A token that the callee must refuse is not sent: the same checks run here, where the error can be mended.
  decodeClaims(plaintext, readHeader(token));
  return token;
}
