import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { createLogger, type Logger } from './create-logger.ts';

const token = 'c2VjcmV0LXRhc2stdG9rZW4';

function collect(write: (logger: Logger) => void, pretty = false): string {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  write(createLogger({ name: 'test', level: 'debug', pretty, destination }));
  return text;
}

test('a line is one JSON object with level by name, program and time', () => {
  const line = JSON.parse(
    collect((logger) => logger.info({ executionId: 'aex_1' }, 'token received')),
  ) as object;
  expect(line).toMatchObject({ level: 'info', name: 'test', msg: 'token received', executionId: 'aex_1' });
  expect(line).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
});

test.each([
  ['on top', { callbackToken: token }],
  ['in snake case', { spec: { callback_token: token } }],
  ['in capitals', { headers: { Authorization: `Bearer ${token}` } }],
  ['five levels down', { a: { b: { c: { d: { taskToken: token } } } } }],
  ['in a list', { bindings: [{ sealed: token }] }],
  ['as an object', { token: { value: token } }],
  ['as bytes', { callbackToken: Buffer.from(token) }],
  ['in the values of an environment', { spec: { runtimeEnv: { KEY: { value: token, isSecret: true } } } }],
  ['behind toJSON', { execution: { toJSON: () => ({ callbackToken: token }) } }],
])('a secret %s is left out', (_where, fields) => {
  const text = collect((logger) => logger.info(fields, 'x'));
  expect(text).not.toContain(token);
  expect(text).toContain('[redacted]');
});

test('a secret bound to a child logger is left out', () => {
  const text = collect((logger) => {
    logger.child({ callbackToken: token, spec: { task_token: token } }).info('x');
  });
  expect(text).not.toContain(token);
});

test('bytes under any name give only their number', () => {
  const text = collect((logger) =>
    logger.info({ payload: new Uint8Array(170), deep: { data: Buffer.from(token) } }, 'x'),
  );
  expect(JSON.parse(text)).toMatchObject({
    payload: '[170 bytes]',
    deep: { data: `[${token.length} bytes]` },
  });
});

test('facts about a secret pass: presence and length', () => {
  const text = collect((logger) => logger.info({ callbackToken: true, token: 383, tokenLength: 170 }, 'x'));
  expect(JSON.parse(text)).toMatchObject({ callbackToken: true, token: 383, tokenLength: 170 });
});

test('an error keeps its code and all its causes, and loses what hangs on it', () => {
  const root = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  const error = Object.assign(new TypeError('cannot reach Temporal', { cause: root }), {
    request: { token },
  });
  const text = collect((logger) => logger.error({ err: error, other: error }, 'failed'));
  const expected = {
    type: 'TypeError',
    message: 'cannot reach Temporal',
    cause: { type: 'Error', message: 'connection refused', code: 'ECONNREFUSED' },
  };
  expect(JSON.parse(text)).toMatchObject({ msg: 'failed', err: expected, other: expected });
  expect(text).not.toContain(token);
});

test('an error alone is logged with its message', () => {
  const text = collect((logger) => logger.error(new Error('broken')));
  expect(JSON.parse(text)).toMatchObject({ msg: 'broken', err: { type: 'Error', message: 'broken' } });
});

test('an error that node itself made keeps its code under a test runner too', async () => {
  const error: unknown = await readFile('/does/not/exist').catch((reason: unknown) => reason);
  const text = collect((logger) => logger.error({ err: error }, 'x'));
  expect(JSON.parse(text)).toMatchObject({ err: { code: 'ENOENT' } });
});

test('what is no plain data neither breaks a line nor floods it', () => {
  class Connection {
    readonly password = token;
  }
  const loop: Record<string, unknown> = { big: 2n ** 70n, at: new Date(0), connection: new Connection() };
  loop['self'] = loop;
  expect(JSON.parse(collect((logger) => logger.info({ loop }, 'x')))).toMatchObject({
    loop: {
      big: (2n ** 70n).toString(),
      at: '1970-01-01T00:00:00.000Z',
      connection: '[Connection]',
      self: '[circular]',
    },
  });
});

test('pretty lines are for people and leave secrets out as well', () => {
  const text = collect(
    (logger) => logger.warn({ callbackToken: token, executionId: 'aex_1' }, 'careful'),
    true,
  );
  expect(text).toContain('careful');
  expect(text).toContain('aex_1');
  expect(text).not.toContain(token);
});
