import { describe, expect, test } from '@jest/globals';
import { apiKeyId, hashApiKey, makeApiKey, matchesHash } from './api-key.ts';
import { type ApiKeyEntry, apiKeyEntry, formatApiKeyFile, parseApiKeyFile } from './api-key-file.ts';
import { authenticateApiKey } from './api-keys.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const rights = { principal: 'zigflow', scopes: ['caller'] as ApiKeyEntry['scopes'] };
const byId = (entry: ApiKeyEntry) => new Map([[entry.id, entry]]);

describe('an API key', () => {
  test('is new each time, names its id, and is known by its hash only', () => {
    const [one, other] = [makeApiKey(), makeApiKey()];
    expect(one).toMatch(/^sgk_[0-9a-f]{12}_[\w-]{43}$/);
    expect(one).not.toBe(other);
    expect(one).toContain(`sgk_${apiKeyId(one)}_`);
    expect(matchesHash(one, hashApiKey(one))).toBe(true);
    expect(matchesHash(other, hashApiKey(one))).toBe(false);
    expect(JSON.stringify(apiKeyEntry(one, rights))).not.toContain(one.slice(-43));
  });

  test('names its principal, scopes and rights', () => {
    const key = makeApiKey();
    const entry = apiKeyEntry(key, { ...rights, rawTokens: true });
    expect(authenticateApiKey(byId(entry), key, NOW)).toEqual({
      kind: 'principal',
      principal: { id: 'zigflow', roles: ['caller'], credential: `key:${entry.id}`, rawTokens: true },
    });
  });

  test('does not count with another secret, under another id, in part, or after its time', () => {
    const key = makeApiKey();
    const entry = apiKeyEntry(key, rights);
    const reason = (shown: string, kept: ApiKeyEntry = entry) => authenticateApiKey(byId(kept), shown, NOW);
    const secret = makeApiKey().slice(-43);
    expect(reason(`${key.slice(0, -43)}${secret}`)).toEqual({ kind: 'refused', reason: 'unknown' });
    expect(reason(makeApiKey())).toEqual({ kind: 'refused', reason: 'unknown' });
    expect(reason(key.slice(0, -1))).toEqual({ kind: 'refused', reason: 'malformed' });
    expect(reason(key, { ...entry, expiresAt: '2026-06-01T00:00:00Z' })).toEqual({
      kind: 'refused',
      reason: 'expired',
    });
    expect(reason(key, { ...entry, expiresAt: '2026-06-01T00:00:00.001Z' }).kind).toBe('principal');
    expect(reason(key).kind).toBe('principal');
  });
});

describe('a key file', () => {
  const entry = apiKeyEntry(makeApiKey(), rights);

  test('is read as it is written', () => {
    expect(parseApiKeyFile(formatApiKeyFile([entry]))).toEqual([entry]);
  });

  test.each<[string, unknown]>([
    ['an id twice', { keys: [entry, entry] }],
    ['no scope', { keys: [{ ...entry, scopes: [] }] }],
    ['a scope that nobody gives', { keys: [{ ...entry, scopes: ['anonymous'] }] }],
    ['a principal of another issuer', { keys: [{ ...entry, principal: 'jwt:somebody' }] }],
    ['a hash that is none', { keys: [{ ...entry, sha256: 'secret-of-mine' }] }],
    ['a word too much', { keys: [{ ...entry, expiresat: '2026-06-01T00:00:00Z' }] }],
    ['a time that is none', { keys: [{ ...entry, expiresAt: 'soon' }] }],
    ['a bare list', [entry]],
  ])('with %s is refused, and the message does not quote it', (_name, content) => {
    expect(() => parseApiKeyFile(JSON.stringify(content))).toThrow();
    expect(() => parseApiKeyFile(JSON.stringify(content))).not.toThrow(/secret-of-mine|[0-9a-f]{64}/);
  });

  test('that is no JSON is refused, and the message does not quote it', () => {
    expect(() => parseApiKeyFile('secret-of-mine')).toThrow(/^expected JSON$/);
  });
});
