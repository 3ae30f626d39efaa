import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { type Authentication, refused } from './authenticator.ts';
import { type AccessScope, accessScopes } from './principal.ts';

/** Only such that the service needs no secret for: a key set holds public keys. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Between two machines that keep their time. */
const CLOCK_TOLERANCE_S = 60;
const MAX_SUBJECT = 200;

/** Which JSON Web Tokens count. */
export interface JwtOptions {
  /** The issuer's public keys: a JWK set as text, or where it is fetched from (kept, and fetched again in time). */
  readonly keys: { readonly jwks: string } | { readonly url: URL };
  /** The `iss` that is expected. */
  readonly issuer: string;
  /** The `aud` that is expected. */
  readonly audience: string;
  /** The claim with the scopes: words in a text, or an array of them. */
  readonly scopeClaim: string;
}

/** Finds out whose a JSON Web Token is. */
export type JwtAuthentication = (token: string, now: number) => Promise<Authentication>;

/** @throws Error when the key set cannot be read */
export function jwtAuthentication({ keys, issuer, audience, scopeClaim }: JwtOptions): JwtAuthentication {
  const keySet: JWTVerifyGetKey =
    'url' in keys ? createRemoteJWKSet(keys.url) : createLocalJWKSet(JSON.parse(keys.jwks));
  return async (token, now) => {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(now),
      });
      return principalOf(payload, scopeClaim);
    } catch (error) {
      return whyNot(error);
    }
  };
}

function principalOf(payload: JWTPayload, scopeClaim: string): Authentication {
  const { sub = '' } = payload;
  if (sub === '' || sub.length > MAX_SUBJECT) return refused('malformed');
  // The colon keeps it apart from every principal of an API key.
  const id = `jwt:${sub}`;
  const roles = scopesIn(payload[scopeClaim]);
  return { kind: 'principal', principal: { id, roles, credential: id, rawTokens: false } };
}

/** Words that are no scope of this service are another one's. */
function scopesIn(claim: unknown): AccessScope[] {
  const words: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return accessScopes.filter((scope) => words.includes(scope));
}

function whyNot(error: unknown): Authentication {
  if (error instanceof errors.JWTExpired) return refused('expired');
  if (isTrouble(error)) return { kind: 'unchecked', cause: error };
  return refused('unknown');
}

/** What says nothing about the token: the key set did not come, or is none. */
function isTrouble(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(error.code);
}
