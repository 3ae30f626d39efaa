import { apiKeyId, matchesHash } from './api-key.ts';
import type { ApiKeyEntry } from './api-key-file.ts';
import { type Authentication, refused } from './authenticator.ts';

/** What no key has: a wrong id costs the same time as a wrong secret. */
const NO_HASH = '0'.repeat(64);

/** Finds out whose an API key is. */
export function authenticateApiKey(
  entries: ReadonlyMap<string, ApiKeyEntry>,
  key: string,
  now: number,
): Authentication {
  const id = apiKeyId(key);
  if (id === undefined) return refused('malformed');
  const entry = entries.get(id);
  const matches = matchesHash(key, entry?.sha256 ?? NO_HASH);
  if (entry === undefined || !matches) return refused('unknown');
  if (entry.expiresAt !== undefined && Date.parse(entry.expiresAt) <= now) return refused('expired');
  return {
    kind: 'principal',
    principal: {
      id: entry.principal,
      roles: entry.scopes,
      credential: `key:${id}`,
      rawTokens: entry.rawTokens ?? false,
    },
  };
}
