import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import {
  isRunning,
  makePlayground,
  type Playground,
  realTemporal,
  runModule,
  until,
} from './playground.suite.ts';
import { startTestServer, type TestServer } from './start-test-server.ts';

const START_TEST_SERVER = JSON.stringify(new URL('./start-test-server.ts', import.meta.url).href);

describe('startTestServer', () => {
  let machine: Playground;
  let open: TestServer[];
  const start = async (...args: Parameters<typeof startTestServer>) => {
    const server = await startTestServer({ ignoreAddress: true, ...args[0] });
    open.push(server);
    return server;
  };
  const withClient = async <T>(server: TestServer, use: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address: server.address });
    try {
      return await use(new Client({ connection, namespace: server.namespace }));
    } finally {
      await connection.close();
    }
  };
  beforeEach(async () => {
    machine = await makePlayground();
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((server) => server.stop()));
    await machine[Symbol.asyncDispose]();
  });

  test('takes a workflow at the very moment it is returned', async () => {
    const server = await start();
    const run = await withClient(server, (client) =>
      client.workflow.start('nobody-runs-it', { workflowId: 'first', taskQueue: 'none' }),
    );
    expect(run.workflowId).toBe('first');
    expect(server.owned).toBe(true);
    expect(server.uiAddress).toBeUndefined();
  });

  test('creates the namespace that is asked for and waits for it', async () => {
    const server = await start({ namespace: 'payments' });
    const answer = await withClient(server, ({ connection }) =>
      connection.workflowService.describeNamespace({ namespace: 'payments' }),
    );
    expect(answer.namespaceInfo?.name).toBe('payments');
  });

  test('several at once get ports of their own', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    expect(new Set(servers.map(({ address }) => address)).size).toBe(3);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s it goes on from its file, at its address',
    async (signal) => {
      const server = await start({ databaseFile: join(machine.folder, 'new', 'temporal.db') });
      const before = { address: server.address, pid: server.pid ?? 0 };
      const options = { workflowId: 'survivor', taskQueue: 'none' };
      await withClient(server, (client) => client.workflow.start('nobody-runs-it', options));

      await server.halt(signal);
      expect(await isRunning(before.pid)).toBe(false);
      await server.resume();

      expect(server.address).toBe(before.address);
      expect(server.pid).not.toBe(before.pid);
      const found = await withClient(server, (client) => client.workflow.getHandle('survivor').describe());
      expect(found.status.name).toBe('RUNNING');
    },
  );

  test('a client that stayed connected goes on after a restart', async () => {
    const server = await start({ databaseFile: join(machine.folder, 'temporal.db') });
    await withClient(server, async (client) => {
      await client.workflow.start('nobody-runs-it', { workflowId: 'survivor', taskQueue: 'none' });
      await server.restart('SIGKILL');
      expect((await client.workflow.getHandle('survivor').describe()).status.name).toBe('RUNNING');
    });
  });

  test('another port is taken when somebody was faster', async () => {
    // The first start loses its port, as to a process that took it between looking and listening.
    const real = await realTemporal();
    const flag = join(machine.folder, 'lost-once');
    await machine.program(
      join(machine.bin, 'temporal'),
      `if [ "$1" != --version ] && [ ! -e '${flag}' ]; then echo "$*" > '${flag}'
echo 'cannot listen: bind: address already in use' >&2; exit 1; fi
exec '${real}' "$@"`,
    );
    const server = await start({ env: machine.env });
    expect(await readFile(flag, 'utf8')).not.toContain(server.address.split(':')[1]);
  });

  test('a server that TEMPORAL_ADDRESS names is used, left alone, and not halted', async () => {
    const other = await start();
    const env = { ...machine.env, TEMPORAL_ADDRESS: other.address };
    const server = await start({ env, ignoreAddress: false });
    expect(server).toMatchObject({ address: other.address, owned: false });
    await expect(server.restart()).rejects.toThrow('pass ignoreAddress: true');
    await server.stop();
    expect(await isRunning(other.pid ?? 0)).toBe(true);
  });

  test.each([
    ['is killed with kill -9', 'SIGKILL', ''],
    ['is terminated without a handler', 'SIGTERM', ''],
    ['just exits', undefined, 'process.exit(1);'],
    ['forgets it and has nothing else to do', undefined, ''],
  ] as const)('the server is gone when its process %s', async (_how, signal, ending) => {
    const pidFile = join(machine.folder, 'pid');
    const child = runModule(
      `import { writeFileSync } from 'node:fs';
       const { startTestServer } = await import(${START_TEST_SERVER});
       const server = await startTestServer({ ignoreAddress: true });
       writeFileSync(${JSON.stringify(pidFile)}, String(server.pid));
       ${ending}`,
      process.env,
    );
    await writeFile(pidFile, '');
    const pid = async () => Number(await readFile(pidFile, 'utf8'));
    await until('the server to run', async () => (await pid()) > 0);
    if (signal !== undefined) child.kill(signal);
    await until('the server to be gone', async () => !(await isRunning(await pid())), 5_000);
  });
});
