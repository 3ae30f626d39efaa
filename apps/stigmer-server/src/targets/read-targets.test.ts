import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError } from '@token-handshake/service-kit';
import { readTargets } from './read-targets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stigmer-targets-'));
  await writeFile(join(folder, 'ca.pem'), 'authority');
  await writeFile(join(folder, 'client.pem'), 'certificate');
  await writeFile(join(folder, 'client.key'), 'key');
  await writeFile(join(folder, 'api-key'), 'from a file\n');
  await writeFile(
    join(folder, 'codec.mjs'),
    'export const payloadCodec = { encode: async (p) => p, decode: async (p) => p };',
  );
  await writeFile(
    join(folder, 'converter.mjs'),
    'export const payloadConverter = { toPayload: () => ({}), fromPayload: () => null };',
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const file = join(folder, 'targets.yaml');
  await writeFile(file, text);
  return readTargets(file);
}

test('targets of both kinds are read, with the files that they name beside the file', async () => {
  const targets = await read(`
    targets:
      - name: temporal:eu
        address: eu.example:7233
        namespace: orders
        tls: { caFile: ca.pem, certFile: client.pem, keyFile: client.key, serverName: temporal }
        activityTypes: [pay]
        beatsPerSecond: 50
        mayAsk: false
        payloadConverter: converter.mjs
        codecs: [codec.mjs]
      - { name: temporal:cloud, address: "cloud.example:7233", apiKeyFile: api-key }
      - { name: temporal:default }
      - { origin: "https://caller.example.com", caFile: ca.pem, allowPrivateAddresses: true }
  `);
  expect(targets).toEqual([
    {
      kind: 'temporal',
      name: 'temporal:eu',
      endpoint: {
        address: 'eu.example:7233',
        namespace: 'orders',
        tls: {
          serverRootCACertificate: Buffer.from('authority'),
          clientCertPair: { crt: Buffer.from('certificate'), key: Buffer.from('key') },
          serverNameOverride: 'temporal',
        },
      },
      options: {
        activityTypes: ['pay'],
        beatsPerSecond: 50,
        mayAsk: false,
        dataConverter: {
          payloadConverterPath: join(folder, 'converter.mjs'),
          payloadCodecs: [expect.objectContaining({ encode: expect.any(Function) })],
        },
      },
    },
    {
      kind: 'temporal',
      name: 'temporal:cloud',
      endpoint: { address: 'cloud.example:7233', namespace: 'default', apiKey: 'from a file' },
      options: {},
    },
    { kind: 'temporal', name: 'temporal:default', options: {} },
    {
      kind: 'https',
      name: 'https://caller.example.com',
      options: {
        origin: 'https://caller.example.com',
        ca: Buffer.from('authority'),
        allowPrivateAddresses: true,
      },
    },
  ]);
});

test('JSON is read too', async () => {
  const text = JSON.stringify({ targets: [{ origin: 'https://caller.example.com' }] });
  expect(await read(text)).toMatchObject([{ kind: 'https', name: 'https://caller.example.com' }]);
});

test('the example of the documentation can be used as it is', async () => {
  const example = join(import.meta.dirname, '../../../../infra/stigmer-server/targets.example.yaml');
  const names = (await readTargets(example)).map(({ name }) => name);
  expect(names).toEqual(['temporal:eu', 'https://zigflow.example.com']);
});

test('every problem is named at once, by its place, and no secret with it', async () => {
  const reading = read(`
    targets:
      - { name: eu, address: "eu.example:7233" }
      - { name: temporal:no-address }
      - { name: temporal:default, namespace: other }
      - { name: temporal:typo, adress: "x:1", address: "x:1" }
      - { name: temporal:keys, address: "x:1", apiKey: s3cret, apiKeyFile: api-key }
      - { name: temporal:tls, address: "x:1", tls: { certFile: client.pem, caFile: missing.pem } }
      - { name: temporal:codec, address: "x:1", codecs: [converter.mjs], payloadConverter: missing.mjs }
      - { origin: "https://caller.example.com/path" }
      - { origin: "https://twice.example.com" }
      - { origin: "https://twice.example.com" }
      - 7
  `);
  const error = await reading.then(
    () => {
      throw new Error('expected the file to be refused');
    },
    (reason: unknown) => reason as ConfigError,
  );
  expect(ConfigError.is(error)).toBe(true);
  expect(error.problems.map(({ option }) => option.replace('callback.targetsFile: ', ''))).toEqual([
    'targets[0].name',
    'targets[1].address',
    'targets[2].namespace',
    'targets[3]',
    'targets[4].apiKey',
    'targets[5].tls',
    'targets[5].tls.caFile',
    'targets[6].payloadConverter',
    'targets[6].codecs[0]',
    'targets[7].origin',
    'targets[9]',
    'targets[10]',
  ]);
  expect(error.message).toContain('HANDSHAKE_TARGETS');
  expect(error.message).toContain('adress');
  expect(error.message).not.toContain('s3cret');
});

test.each([
  ['no such file', undefined, 'ENOENT'],
  ['no YAML', 'targets: [', 'YAML'],
  ['no list', 'targets: 7', 'expected a list, got number'],
  ['nothing', '', 'expected a list, got nothing'],
])('a file with %s is refused', async (_, text, words) => {
  const reading = text === undefined ? readTargets(join(folder, 'missing.yaml')) : read(text);
  await expect(reading).rejects.toThrow(words);
});
