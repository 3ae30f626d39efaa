import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeTemporal, makePlayground, type Playground, until } from './playground.suite.ts';
import { type StartOptions, startTemporalServer } from './start-temporal-server.ts';

describe('startTemporalServer', () => {
  let machine: Playground;
  beforeEach(async () => {
    machine = await makePlayground();
  });
  afterEach(() => machine[Symbol.asyncDispose]());

  const start = (options: StartOptions = {}) =>
    startTemporalServer({ port: 0, uiPort: false, report: () => {}, ignoreAddress: true, ...options });
  const startFake = async (body: string, options: StartOptions = {}) => {
    await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.29.1', body));
    return start({ env: machine.env, ...options });
  };

  test('brings the web UI and writes its log', async () => {
    const logFile = join(machine.folder, 'logs', 'temporal.log');
    const server = await start({ uiPort: 0, logFile });
    try {
      expect((await fetch(`${server.uiAddress}/`)).status).toBe(200);
      const port = server.address.split(':')[1] ?? '';
      await until('the log to name the port', async () => (await readFile(logFile, 'utf8')).includes(port));
    } finally {
      await server.stop();
    }
    await expect(server.ended).resolves.toBe('signal SIGKILL');
    await server.stop();
  });

  test('ends with its scope', async () => {
    let ended: Promise<string>;
    {
      await using server = await start();
      ended = server.ended;
    }
    expect(await ended).toBe('signal SIGKILL');
  });

  test('passes further arguments on, beside the configuration for local use', async () => {
    const file = join(machine.folder, 'arguments');
    const failing = startFake(`echo "$*" > '${file}'; exit 1`, {
      databaseFile: join(machine.folder, 'temporal.db'),
      extraArgs: ['--log-level', 'error'],
    });
    await expect(failing).rejects.toMatchObject({ code: 'ENDED' });
    expect(await readFile(file, 'utf8')).toMatch(
      /^server start-dev --ip 127\.0\.0\.1 --port \d+ --headless --db-filename \S+ --dynamic-config-value history\.transferProcessorMaxPollRPS=5000 --log-level error\n$/,
    );
  });

  test('leaves the defaults of Temporal alone where the dynamic configuration is emptied', async () => {
    const file = join(machine.folder, 'arguments');
    const failing = startFake(`echo "$*" > '${file}'; exit 1`, { dynamicConfig: [] });
    await expect(failing).rejects.toMatchObject({ code: 'ENDED' });
    expect(await readFile(file, 'utf8')).not.toContain('--dynamic-config-value');
  });

  test('a server that ends instead of serving is an error with the end of its output', async () => {
    const failing = startFake('echo "the disk is full" >&2; exit 3');
    await expect(failing).rejects.toMatchObject({
      code: 'ENDED',
      message: expect.stringMatching(/ended with exit code 3: the disk is full$/),
    });
  });

  test('a server that does not serve in time is an error, and is ended', async () => {
    const failing = startFake('echo "still thinking"; exec sleep 600', { servingTimeoutMs: 300 });
    await expect(failing).rejects.toMatchObject({
      code: 'NOT_SERVING',
      message: expect.stringMatching(/nobody accepts connections there: still thinking$/),
    });
  });

  test('an abort while it starts ends it and rejects with the reason', async () => {
    const failing = startFake('exec sleep 600', { signal: AbortSignal.timeout(500) });
    await expect(failing).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a port that is taken is named', async () => {
    const other = createServer();
    await new Promise<void>((done) => {
      other.listen(0, '127.0.0.1', done);
    });
    const { port } = other.address() as AddressInfo;
    const message = expect.stringContaining(`port ${port} on 127.0.0.1`);
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', message });
    await expect(start({ uiPort: port })).rejects.toMatchObject({ code: 'PORT_IN_USE', message });
    await new Promise((done) => other.close(done));
  });

  test('a server at TEMPORAL_ADDRESS that does not answer is an error that says what to do', async () => {
    const env = { ...machine.env, TEMPORAL_ADDRESS: '127.0.0.1:9' };
    const failing = start({ env, ignoreAddress: false, servingTimeoutMs: 300 });
    await expect(failing).rejects.toMatchObject({
      code: 'ADDRESS_NOT_SERVING',
      message: expect.stringContaining('unset TEMPORAL_ADDRESS'),
    });
  });
});
