import { compactDecrypt, errors } from 'jose';
import { HandshakeError } from '../handshake-error.ts';
import type { CallbackToken } from '../ids.ts';
import type { CallbackClaims, CallbackHeader } from './claims.ts';
import { ALG, ENC, takeApart } from './compact.ts';
import type { KeyRing } from './key-ring.ts';
import { decodeClaims } from './sealed-claims.ts';

/** The clocks of two services may differ by this much. */
export const CLOCK_LEEWAY_MS = 5 * 60_000;

/** What the opener expects of a token. */
export interface OpenExpectations {
  /** The opener's own name, or all names that it opens for: a token sealed for another service is refused. */
  readonly audience: string | readonly string[];
  /** The time, in milliseconds since the epoch. Default: the machine's. */
  readonly now?: number;
  /**
   * Refuse a token whose deadline has passed. Default `false`: a paused caller may come back after it, so the
   * deadline counts only at a `create` of a call that is not known yet.
   */
  readonly enforceExpiry?: boolean;
  /** Default {@link CLOCK_LEEWAY_MS}. */
  readonly leewayMs?: number;
}

/** An opened token. */
export interface OpenedToken {
  readonly claims: CallbackClaims;
  readonly header: CallbackHeader;
}

/**
 * Opens a callback token and checks everything that can be checked without knowing the completion target; the rest
 * is `validateClaimsAgainstTarget`.
 *
 * @throws HandshakeError `TOKEN_EMPTY`, `TOKEN_TOO_LARGE`, `TOKEN_UNREADABLE`, `TOKEN_ALGORITHM_REFUSED`,
 * `TOKEN_HEADER_INVALID`, `TOKEN_KEY_UNKNOWN`, `TOKEN_TAMPERED`, `TOKEN_VERSION_UNKNOWN`, `TOKEN_CLAIMS_INVALID`,
 * `TOKEN_WRONG_AUDIENCE`, `TOKEN_EXPIRED`
 */
export async function open(
  ring: KeyRing,
  token: CallbackToken | Uint8Array,
  expectations: OpenExpectations,
): Promise<OpenedToken> {
  const { text, header } = takeApart(token);
  const key = ring.key(header.kid);
  if (!key) {
    throw new HandshakeError(
      'TOKEN_KEY_UNKNOWN',
      `the callback token was sealed with key "${header.kid}", and this service has ` +
        `${ring
          .kids()
          .map((kid) => `"${kid}"`)
          .join(', ')}; give both services the same key set`,
    );
  }
  const claims = decodeClaims(await decrypt(text, key.secret), header);
  const names = [expectations.audience].flat();
  if (!names.includes(claims.audience)) {
    throw new HandshakeError(
      'TOKEN_WRONG_AUDIENCE',
      `the callback token was sealed for "${claims.audience}", and this service opens those of ` +
        `"${names.join('", "')}"; set the caller’s audience to this service’s name`,
    );
  }
  if (expectations.enforceExpiry) refuseExpired(claims, expectations);
  return { claims, header };
}

async function decrypt(text: string, secret: Uint8Array): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(text, secret, {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
      maxDecompressedLength: 0,
    });
    return plaintext;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new HandshakeError(
      'TOKEN_TAMPERED',
      'the seal of the callback token does not hold: it was changed on its way, or sealed with another key of the ' +
        'same id',
      { cause: error },
    );
  }
}

/**
 * Refuses a call that comes after its caller's deadline.
 *
 * @throws HandshakeError `TOKEN_EXPIRED`
 */
export function refuseExpired(
  claims: Pick<CallbackClaims, 'exp'>,
  expectations: Pick<OpenExpectations, 'now' | 'leewayMs'>,
): void {
  const now = expectations.now ?? Date.now();
  if (now <= claims.exp + (expectations.leewayMs ?? CLOCK_LEEWAY_MS)) return;
  throw new HandshakeError(
    'TOKEN_EXPIRED',
    `the waiting activity’s deadline was ${new Date(claims.exp).toISOString()}, and it is ` +
      `${new Date(now).toISOString()}; schedule the call again, or give it a longer scheduleToCloseTimeout`,
  );
}
