import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { defineConfig } from './define-config.ts';
import { readConfig } from './read-config.ts';
import { boolean, durationMs, filePath, list, listenAddress, wholeNumber } from './schemas.ts';
import { setting } from './setting.ts';
import { handshakeSettings, loggingSettings, temporalSettings } from './setting-groups.ts';

const definition = defineConfig({
  server: {
    listen: setting({ env: 'APP_LISTEN', schema: listenAddress, default: '127.0.0.1:50051', doc: 'Where.' }),
    folder: setting({ env: 'APP_FOLDER', schema: filePath, doc: 'The folder to serve.' }),
    wait: setting({ env: 'APP_WAIT', schema: durationMs, default: 2_500, doc: 'How long.' }),
    names: setting({ env: 'APP_NAMES', schema: list, default: [], doc: 'Which.' }),
    loud: setting({ env: 'APP_LOUD', schema: boolean.optional(), doc: 'Whether.' }),
    count: setting({
      env: 'APP_COUNT',
      schema: wholeNumber({ min: 1, max: 9 }),
      default: 3,
      doc: 'How many.',
    }),
  },
  secrets: {
    key: setting({
      env: 'APP_KEY',
      schema: z
        .string()
        .refine((text) => text.length > 20, { error: (issue) => `long enough, not ${String(issue.input)}` }),
      doc: 'The key.',
      secret: true,
    }),
  },
});
const key = 'a-key-that-is-long-enough';

function problemsOf(env: Record<string, string>) {
  try {
    readConfig(definition, env);
  } catch (error) {
    if (ConfigError.is(error)) return error;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

test('values come parsed, grouped and frozen; unset and empty variables take the default', () => {
  const config = readConfig(definition, {
    APP_LISTEN: '',
    APP_FOLDER: '/srv',
    APP_NAMES: 'a, b,,c ',
    APP_LOUD: 'yes',
    APP_KEY: key,
  });
  expect(config).toEqual({
    server: {
      listen: { host: '127.0.0.1', port: 50_051 },
      folder: '/srv',
      wait: 2_500,
      names: ['a', 'b', 'c'],
      loud: true,
      count: 3,
    },
    secrets: { key },
  });
  for (const value of [config, config.server, config.server.listen, config.server.names]) {
    expect(Object.isFrozen(value)).toBe(true);
  }
  const listen: { host: string; port: number } = config.server.listen;
  const loud: boolean | undefined = config.server.loud;
  expect([listen.port, loud]).toEqual([50_051, true]);
});

test('all problems come in one error, each with option, variable, expected, received and advice', () => {
  const error = problemsOf({ APP_LISTEN: 'nonsense', APP_WAIT: 'soon', APP_COUNT: '12', APP_KEY: key });
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.exitCode).toBe(78);
  expect(error.problems.map((problem) => problem.option)).toEqual([
    'server.listen',
    'server.folder',
    'server.wait',
    'server.count',
  ]);
  expect(error.message.split('\n')).toEqual([
    'The configuration cannot be used:',
    '  server.listen (APP_LISTEN): expected host:port, such as 127.0.0.1:50051 or [::1]:0, got "nonsense". Correct APP_LISTEN, or unset it to use the default.',
    '  server.folder (APP_FOLDER): expected the path of a file or folder, got nothing. Set APP_FOLDER: The folder to serve.',
    '  server.wait (APP_WAIT): expected a duration, such as 250ms, 10s, 5m, 2h, or a number of milliseconds, got "soon". Correct APP_WAIT, or unset it to use the default.',
    '  server.count (APP_COUNT): expected a whole number from 1 to 9, got "12". Correct APP_COUNT, or unset it to use the default.',
  ]);
});

test('a secret never appears in the error, even when the schema repeats it', () => {
  const error = problemsOf({ APP_FOLDER: '/srv', APP_KEY: 'hunter2' });
  expect(error.message).not.toContain('hunter2');
  expect(error.message).toContain('secrets.key (APP_KEY): expected long enough, not (hidden), got (hidden).');
});

test('two options that read one variable are a bug of the program', () => {
  const option = setting({ env: 'APP_SAME', schema: z.string(), doc: 'Same.' });
  expect(() => defineConfig({ a: { one: option }, b: { two: option } })).toThrow(
    '"b.two" and "a.one" both read APP_SAME',
  );
});

test.each([
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['localhost:65535', { host: 'localhost', port: 65_535 }],
])('%s is an address to listen on', (text, expected) => {
  expect(listenAddress.parse(text)).toEqual(expected);
});

test.each(['host', ':80', 'host:', 'host:65536', '::1:80', 'http://host:80'])(
  '%s is no address to listen on',
  (text) => {
    expect(listenAddress.safeParse(text).success).toBe(false);
  },
);

test.each([
  ['250', 250],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['24h', 86_400_000],
])('%s is a duration of %d ms', (text, expected) => {
  expect(durationMs.parse(text)).toBe(expected);
});

test('the groups that services share have their documented defaults', () => {
  const config = readConfig(
    defineConfig({ temporal: temporalSettings, logging: loggingSettings, handshake: handshakeSettings }),
    {},
  );
  expect(config.temporal).toMatchObject({
    address: '127.0.0.1:7233',
    namespace: 'default',
    apiKey: undefined,
  });
  expect(config.logging).toEqual({ level: 'info', format: 'json' });
  expect(config.handshake).toEqual({ keys: undefined, keysFile: undefined, audience: 'stigmer' });
});
