import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineConfig } from './define-config.ts';
import { describeConfig, renderConfigDocs } from './describe-config.ts';
import { durationMs, listenAddress, logLevel } from './schemas.ts';
import { setting } from './setting.ts';

const definition = defineConfig({
  server: {
    listen: setting({
      env: 'APP_LISTEN',
      schema: listenAddress,
      default: { host: '127.0.0.1', port: 0 },
      doc: 'Where.',
    }),
    wait: setting({ env: 'APP_WAIT', schema: durationMs.optional(), doc: 'How long | how short.' }),
    level: setting({ env: 'APP_LEVEL', schema: logLevel, default: 'info', doc: 'How much.' }),
  },
  secrets: {
    key: setting({ env: 'APP_KEY', schema: z.string(), doc: 'The key.', secret: true }),
    salt: setting({ env: 'APP_SALT', schema: z.string(), default: 'sea', doc: 'The salt.', secret: true }),
  },
});

test('every option has a row with its variable, format, default and whether it is needed', () => {
  expect(describeConfig(definition)).toEqual([
    expect.objectContaining({
      option: 'server.listen',
      env: 'APP_LISTEN',
      default: '127.0.0.1:0',
      required: false,
    }),
    expect.objectContaining({ option: 'server.wait', default: undefined, required: false, secret: false }),
    expect.objectContaining({
      option: 'server.level',
      format: 'one of fatal, error, warn, info, debug, trace, silent',
    }),
    expect.objectContaining({ option: 'secrets.key', required: true, secret: true }),
    expect.objectContaining({ option: 'secrets.salt', required: false, secret: true }),
  ]);
});

test('the rendered table is Markdown and shows no secret default', () => {
  expect(renderConfigDocs('app', definition)).toBe(
    [
      '## app',
      '',
      '| variable | meaning | takes | default |',
      '|---|---|---|---|',
      '| `APP_LISTEN` | Where. | host:port, such as 127.0.0.1:50051 or [::1]:0 | `127.0.0.1:0` |',
      '| `APP_WAIT` | How long \\| how short. | a duration, such as 250ms, 10s, 5m, 2h, or a number of milliseconds | unset |',
      '| `APP_LEVEL` | How much. | one of fatal, error, warn, info, debug, trace, silent | `info` |',
      '| `APP_KEY` | The key. Secret. | a text | **required** |',
      '| `APP_SALT` | The salt. Secret. | a text | (hidden) |',
      '',
    ].join('\n'),
  );
});
