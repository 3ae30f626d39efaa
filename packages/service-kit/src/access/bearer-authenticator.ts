import type { ApiKeyEntry } from './api-key-file.ts';
import { authenticateApiKey } from './api-keys.ts';
import { type Authenticator, refused } from './authenticator.ts';
import type { JwtAuthentication } from './jwt.ts';
import type { Principal } from './principal.ts';

const BEARER = /^Bearer +(?<token>[\w.~+/=-]+) *$/i;
const MAX_HEADER = 16 * 1024;

/** What {@link bearerAuthenticator} takes. */
export interface BearerOptions {
  /** The keys in force, by id; asked at each call, so that they can be read again. */
  readonly apiKeys: () => ReadonlyMap<string, ApiKeyEntry>;
  /** JSON Web Tokens that count, asked for at each call. `undefined`: none do. */
  readonly jwt: () => JwtAuthentication | undefined;
  /** Who calls without credentials. Absent: nobody may. */
  readonly without?: Principal;
  /** Milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Takes `authorization: Bearer …` with an API key or a JSON Web Token. Wrong credentials never count as none. */
export function bearerAuthenticator(options: BearerOptions): Authenticator {
  const { apiKeys, jwt, without, now = Date.now } = options;
  return {
    async authenticate(headers) {
      const header = headers.get('authorization');
      if (header === null) {
        return without === undefined ? refused('missing') : { kind: 'principal', principal: without };
      }
      const token = header.length > MAX_HEADER ? undefined : BEARER.exec(header)?.groups?.['token'];
      if (token === undefined) return refused('malformed');
      if (token.startsWith('sgk_')) return authenticateApiKey(apiKeys(), token, now());
      const byJwt = token.split('.').length === 3 ? jwt() : undefined;
      return byJwt === undefined ? refused('unknown') : byJwt(token, now());
    },
  };
}

/** Everybody is `principal`. Credentials are refused: whoever has some expects to be known by them. */
export function anonymousAuthenticator(principal: Principal): Authenticator {
  return {
    authenticate: async (headers) =>
      headers.has('authorization') ? refused('unwanted') : { kind: 'principal', principal },
  };
}
