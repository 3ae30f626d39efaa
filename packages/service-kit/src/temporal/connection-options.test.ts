import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError } from '../config/config-error.ts';
import { defineConfig } from '../config/define-config.ts';
import { readConfig } from '../config/read-config.ts';
import { temporalSettings } from '../config/setting-groups.ts';
import { temporalEndpoint } from './connection-options.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-kit-'));
  for (const name of ['ca.pem', 'client.pem', 'client.key']) await writeFile(join(folder, name), name);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const endpoint = (env: Record<string, string>) =>
  temporalEndpoint(readConfig(defineConfig({ temporal: temporalSettings }), env).temporal);

test('without settings the local server is reached without TLS', async () => {
  expect(await endpoint({})).toEqual({ address: '127.0.0.1:7233', namespace: 'default' });
});

test('an API key is passed on, and the SDK chooses TLS for it', async () => {
  const env = { TEMPORAL_ADDRESS: 'eu.example.com:7233', TEMPORAL_NAMESPACE: 'shop', TEMPORAL_API_KEY: 'k' };
  expect(await endpoint(env)).toEqual({ address: 'eu.example.com:7233', namespace: 'shop', apiKey: 'k' });
});

test('certificate files are read', async () => {
  const env = {
    TEMPORAL_TLS_SERVER_NAME: 'temporal',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'ca.pem'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'client.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'client.key'),
  };
  expect((await endpoint(env)).tls).toEqual({
    serverNameOverride: 'temporal',
    serverRootCACertificate: Buffer.from('ca.pem'),
    clientCertPair: { crt: Buffer.from('client.pem'), key: Buffer.from('client.key') },
  });
});

test.each([
  ['true', true],
  ['false', false],
])('TEMPORAL_TLS=%s is obeyed', async (text, expected) => {
  expect((await endpoint({ TEMPORAL_TLS: text, TEMPORAL_API_KEY: 'k' })).tls).toBe(expected);
});

test('a certificate file that cannot be read is a configuration error naming the variable', async () => {
  const error: unknown = await endpoint({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'none.pem') }).catch(
    (reason: unknown) => reason,
  );
  expect(ConfigError.is(error) && error.message).toMatch(
    /temporal\.tlsCaFile \(TEMPORAL_TLS_SERVER_CA_CERT_PATH\): expected a file that can be read, got ".*none\.pem" \(ENOENT\)/,
  );
});

test('a certificate without its key is a configuration error', async () => {
  const error: unknown = await endpoint({ TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'client.pem') }).catch(
    (reason: unknown) => reason,
  );
  expect(ConfigError.is(error) && error.message).toContain('TEMPORAL_TLS_CLIENT_KEY_PATH');
});
