import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeySet } from '@token-handshake/core';
import { describeConfig, readConfig } from '@token-handshake/service-kit';
import { readCredentials } from './access/credentials.ts';
import { configDefinition } from './config.ts';
import { readHandshakeKeys } from './handshake-keys.ts';
import {
  refuseDevelopmentBeyondLoopback,
  requireCredentials,
  requireSecretsKeys,
} from './required-settings.ts';
import { startTestStigmer } from './testing/test-stigmer.suite.ts';

const read = (env: Record<string, string>) => readConfig(configDefinition, env);

describe('settings', () => {
  test('have defaults that a production server can keep', () => {
    expect(read({})).toMatchObject({
      server: { mode: 'production', listen: { host: '127.0.0.1', port: 50051 } },
      storage: { file: '.data/stigmer.db' },
      agents: { allowCommandsByApi: false },
      runner: { embedded: true, maxAttempts: 1, heartbeatTimeoutMs: 30_000, cancelGraceMs: 30_000 },
    });
  });

  test('without a secrets key end the start with what to do', () => {
    expect(() => requireSecretsKeys(read({}))).toThrow(/STIGMER_SECRETS_KEY.*openssl rand -base64 32/);
    expect(() => read({ STIGMER_SECRETS_KEY: 'too short' })).toThrow(/STIGMER_SECRETS_KEY/);
    expect(() => read({ STIGMER_SECRETS_KEY: 'too short' })).not.toThrow(/too short/);
    expect(
      requireSecretsKeys(read({ STIGMER_SECRETS_KEY: `${'ab'.repeat(32)},${'cd'.repeat(32)}` })),
    ).toHaveLength(2);
  });

  test('of development keep the server on this machine', () => {
    const config = read({ STIGMER_MODE: 'development', STIGMER_LISTEN: '0.0.0.0:1' });
    expect(() => refuseDevelopmentBeyondLoopback(config)).toThrow(/STIGMER_LISTEN/);
    refuseDevelopmentBeyondLoopback(read({ STIGMER_MODE: 'development' }));
  });

  test('of development keep its anonymous listener on this machine, too', () => {
    const config = read({ STIGMER_MODE: 'development', STIGMER_ANONYMOUS_LISTEN: '0.0.0.0:1' });
    expect(() => refuseDevelopmentBeyondLoopback(config)).toThrow(/STIGMER_ANONYMOUS_LISTEN/);
    refuseDevelopmentBeyondLoopback(read({ STIGMER_ANONYMOUS_LISTEN: '0.0.0.0:1' }));
  });

  test('of production name somebody who may call, or the start ends with what to do', () => {
    expect(() => requireCredentials(read({}))).toThrow(/STIGMER_API_KEYS_FILE.*api-key create/);
    requireCredentials(read({ STIGMER_MODE: 'development' }));
    requireCredentials(read({ STIGMER_API_KEYS_FILE: '/x' }));
    requireCredentials(read({ STIGMER_JWKS_URL: 'https://issuer.example/keys' }));
    requireCredentials(read({ STIGMER_ANONYMOUS_LISTEN: '127.0.0.1:1' }));
  });

  test('fetch keys of tokens from nobody who could be listened in on', () => {
    expect(() => read({ STIGMER_JWKS_URL: 'http://issuer.example/keys' })).toThrow(/STIGMER_JWKS_URL/);
    expect(() => read({ STIGMER_JWKS_URL: 'no url' })).toThrow(/STIGMER_JWKS_URL/);
    read({ STIGMER_JWKS_URL: 'http://127.0.0.1:1/keys' });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['both a file and a URL', { STIGMER_JWKS_FILE: '/x', STIGMER_JWKS_URL: 'https://x.example' }, /both/],
    ['keys without an issuer', { STIGMER_JWKS_URL: 'https://x.example' }, /STIGMER_JWT_ISSUER/],
    [
      'keys without an audience',
      { STIGMER_JWKS_URL: 'https://x.example', STIGMER_JWT_ISSUER: 'x' },
      /STIGMER_JWT_AUDIENCE/,
    ],
    ['an issuer without keys', { STIGMER_JWT_ISSUER: 'x' }, /STIGMER_JWKS_URL/],
    ['a key file that is not there', { STIGMER_API_KEYS_FILE: '/nowhere/keys' }, /ENOENT/],
    [
      'a set of keys that is none',
      { STIGMER_JWKS_FILE: '/dev/null', STIGMER_JWT_ISSUER: 'x', STIGMER_JWT_AUDIENCE: 'x' },
      /STIGMER_JWKS_FILE.*a JWK set/,
    ],
  ])('with %s are refused', async (_name, env, words) => {
    await expect(readCredentials(read(env).access)).rejects.toThrow(words);
  });

  test('that are secret are never shown', () => {
    const secret = describeConfig(configDefinition).filter((row) => row.secret);
    expect(secret.map((row) => row.env).toSorted()).toEqual([
      'HANDSHAKE_KEYS',
      'STIGMER_SECRETS_KEY',
      'TEMPORAL_API_KEY',
    ]);
  });
});

describe('the keys of callback tokens', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const settings = (env: Record<string, string>) => read(env).handshake;
  const keysOf = (env: Record<string, string>, inUse: readonly string[] = []) =>
    readHandshakeKeys({ settings: settings(env), keyIdsInUse: async () => inUse });

  test('are needed, once, and readable', async () => {
    const keys = JSON.stringify(generateKeySet());
    await expect(keysOf({})).rejects.toThrow(/HANDSHAKE_KEYS_FILE.*generateKeySet/);
    await expect(keysOf({ HANDSHAKE_KEYS: keys, HANDSHAKE_KEYS_FILE: '/x' })).rejects.toThrow(/got both/);
    await expect(keysOf({ HANDSHAKE_KEYS_FILE: join(folder, 'missing') })).rejects.toThrow(/ENOENT/);
    await expect(keysOf({ HANDSHAKE_KEYS: '{"keys":[]}' })).rejects.toThrow(/JWK set/);
  });

  test('are read again; a set without a key that waiting calls need is refused, and the old one stays', async () => {
    const file = join(folder, 'keys.json');
    const [older, newer] = [named('older'), named('newer')];
    await writeFile(file, JSON.stringify(older));
    const inUse: string[] = [];
    const keys = await readHandshakeKeys({
      settings: settings({ HANDSHAKE_KEYS_FILE: file }),
      keyIdsInUse: async () => inUse,
    });
    await writeFile(file, JSON.stringify({ keys: [...newer.keys, ...older.keys] }));
    await keys.reload();
    expect(keys.current().kids()).toEqual(['newer', 'older']);
    inUse.push('older');
    await writeFile(file, JSON.stringify(newer));
    await expect(keys.reload()).rejects.toThrow(/one without "older"/);
    expect(keys.current().kids()).toEqual(['newer', 'older']);
    await expect(keysOf({ HANDSHAKE_KEYS_FILE: file }, inUse)).rejects.toThrow(/one without "older"/);
  });
});

describe('reading again while the server runs', () => {
  test('takes in changed agents, and keeps the old ones when a file cannot be used', async () => {
    await using stigmer = await startTestStigmer({ agents: { one: { summarizer: {} } } });
    const file = join(stigmer.folder, 'agents', 'two.yaml');
    await writeFile(
      file,
      'metadata: { slug: two, ownerScope: platform }\nspec: { instructions: Answer in one word. }\n',
    );
    await stigmer.service.reload();
    expect(await stigmer.agentId('two')).toMatch(/^agt_/);
    await writeFile(file, 'metadata: [\n');
    await expect(stigmer.service.reload()).rejects.toThrow(/two\.yaml/);
    expect(await stigmer.agentId('two')).toMatch(/^agt_/);
  });
});

/** A set of one key with a name of its own. */
function named(kid: string) {
  return { keys: generateKeySet().keys.map((key) => ({ ...key, kid })) };
}
