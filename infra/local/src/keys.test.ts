import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeyRing } from '@token-handshake/core';
import { prepareKeys } from './keys.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'token-handshake-')), 'data');
});
afterEach(() => rm(join(dataDir, '..'), { recursive: true }));

describe('the keys of a data folder', () => {
  test('are made once, readable by their owner only, and found again', async () => {
    const made = await prepareKeys(dataDir);
    expect(await prepareKeys(dataDir)).toEqual(made);
    expect(Buffer.from(made.stigmerSecretsKey, 'base64')).toHaveLength(32);
    expect(KeyRing.fromJwks(await readFile(made.handshakeKeysFile, 'utf8')).kids()).toHaveLength(1);
    const { keys } = JSON.parse(await readFile(made.stigmerApiKeysFile, 'utf8')) as { keys: object[] };
    expect(keys).toMatchObject([{ scopes: ['caller'] }, { scopes: ['runner'] }, { scopes: ['operator'] }]);
    for (const name of await readdir(dataDir)) {
      expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('are those of the first when several launchers start at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => prepareKeys(dataDir)));
    expect(new Set(all.map((keys) => keys.stigmerSecretsKey)).size).toBe(1);
    expect(new Set(all.map((keys) => JSON.stringify(keys.apiKeys))).size).toBe(1);
    expect((await readdir(dataDir)).toSorted()).toEqual([
      'handshake-keys.json',
      'operator.api-key',
      'runner.api-key',
      'stigmer-api-keys.json',
      'stigmer-secrets.key',
      'zigflow.api-key',
    ]);
  });
});
