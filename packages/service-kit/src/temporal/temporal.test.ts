import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMessage } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { Readiness } from '../http/readiness.ts';
import { collectingLogger } from '../http/test-server.suite.ts';
import { connectForever, connectWithin } from './connect.ts';
import { installRuntime } from './install-runtime.ts';
import { runWorkers, type WorkerFactory } from './run-workers.ts';
import { createTemporalConnector } from './temporal-connector.ts';
import { workflowSource, writeWorkflowBundle } from './workflow-bundle.ts';

const sourcePath = new URL('./greeting-workflow.suite.ts', import.meta.url);
const runtimeLog = collectingLogger();
const runtime = installRuntime({ logger: runtimeLog.logger, logLevel: 'info' });
let folder: string;
let server: TestServer;
let workflows: Awaited<ReturnType<typeof workflowSource>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-kit-'));
  server = await startTestServer({ ignoreAddress: true });
  workflows = await workflowSource({ sourcePath, bundlePath: join(folder, 'none.js'), ...runtimeLog });
}, 300_000);

afterAll(async () => {
  await server?.stop();
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const greeter =
  (taskQueue: string): WorkerFactory =>
  (base) =>
    Worker.create({
      ...base,
      ...workflows,
      taskQueue,
      activities: { greet: async (name: string) => `hello ${name}` },
    });

test('a service that starts before Temporal connects, runs its workers, and says so all along', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { logger, lines } = collectingLogger();
  const readiness = new Readiness();
  const connector = createTemporalConnector({
    address,
    namespace: 'default',
    logger,
    readiness,
    probeMs: 100,
  });
  const group = runWorkers({ connector, workers: { greeter: greeter('late') }, logger, readiness });
  try {
    await until(
      () => lines.filter((line) => line['msg'] === 'Temporal cannot be reached; trying again').length > 2,
    );
    expect(connector.current()).toBeUndefined();
    expect(readiness.snapshot()).toEqual({
      ready: false,
      checks: {
        temporal: { ready: false, reason: expect.stringContaining(`cannot reach ${address}`) },
        'worker:greeter': { ready: false, reason: 'waiting for Temporal' },
      },
    });
    const warnings = lines.filter((line) => line['level'] === 'warn');
    expect(warnings).toHaveLength(1);

    await using late = await startLater(address);
    await group.running;
    expect(readiness.snapshot().ready).toBe(true);

    await late.halt('SIGKILL');
    await until(() => !readiness.snapshot().ready);
    expect(readiness.snapshot().checks['temporal']).toMatchObject({
      reason: expect.stringContaining('does not answer'),
    });
    await late.resume();
    await until(() => readiness.snapshot().ready);
    expect(lines.map((line) => line['msg'])).toEqual(
      expect.arrayContaining(['Temporal does not answer', 'Temporal answers again']),
    );
    await group.close();
    await connector.close();
  } finally {
    await group.close();
    await connector.close();
  }
}, 120_000);

test('messages of the contract cross from client to workflow to activity and back', async () => {
  const { logger } = collectingLogger();
  const connector = createTemporalConnector({ address: server.address, namespace: 'default', logger });
  const group = runWorkers({ connector, workers: { greeter: greeter('messages') }, logger });
  try {
    const { client } = await connector.connected;
    const result: unknown = await client.workflow.execute('greetInMessage', {
      taskQueue: 'messages',
      workflowId: 'messages',
      args: ['world'],
    });
    expect(isMessage(result, AgentExecutionSchema) && result.metadata?.name).toBe('hello world');
    // The runtime's lines, of the worker and of its native part, went to our logger.
    expect(runtimeLog.lines).toContainEqual(
      expect.objectContaining({ component: 'temporal', msg: 'Worker state changed' }),
    );
  } finally {
    await group.close();
    await connector.close();
  }
});

test('a worker that fails is made again, and the reason shows meanwhile', async () => {
  const { logger } = collectingLogger();
  const readiness = new Readiness();
  const connector = createTemporalConnector({
    address: server.address,
    namespace: 'default',
    logger,
    readiness,
  });
  const reasons: string[] = [];
  readiness.subscribe(({ checks }) => {
    const check = checks['worker:flaky'];
    if (check?.ready === false) reasons.push(check.reason);
  });
  let attempts = 0;
  const flaky: WorkerFactory = async (base, connection) => {
    attempts += 1;
    if (attempts < 3) throw new Error(`the bundle does not load (${attempts})`);
    return greeter('flaky')(base, connection);
  };
  const group = runWorkers({ connector, workers: { flaky }, logger, readiness });
  try {
    await group.running;
    expect(reasons).toEqual(
      expect.arrayContaining([
        'waiting for Temporal',
        'failed: the bundle does not load (1)',
        'failed: the bundle does not load (2)',
      ]),
    );
    expect(readiness.snapshot().ready).toBe(true);
  } finally {
    await group.close();
    await connector.close();
  }
});

test('a worker waits for a namespace that does not exist yet', async () => {
  const { logger } = collectingLogger();
  const readiness = new Readiness();
  const connector = createTemporalConnector({
    address: server.address,
    namespace: 'later',
    logger,
    readiness,
  });
  const group = runWorkers({ connector, workers: { greeter: greeter('later') }, logger, readiness });
  try {
    const { native } = await connector.connected;
    const reason = () => readiness.snapshot().checks['worker:greeter'];
    await until(() => JSON.stringify(reason()).includes('failed'));
    expect(reason()).toMatchObject({ reason: expect.stringMatching(/namespace.*later.*not found/i) });
    await native.workflowService.registerNamespace({
      namespace: 'later',
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    await group.running;
    expect(readiness.snapshot().ready).toBe(true);
  } finally {
    await group.close();
    await connector.close();
  }
}, 60_000);

test('closing lets a running activity finish within the grace', async () => {
  const { logger } = collectingLogger();
  const connector = createTemporalConnector({ address: server.address, namespace: 'default', logger });
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<string>();
  const slow: WorkerFactory = (base) =>
    Worker.create({
      ...base,
      ...workflows,
      taskQueue: 'slow',
      activities: {
        greet: () => {
          started.resolve();
          return finish.promise;
        },
      },
    });
  const group = runWorkers({ connector, workers: { slow }, logger });
  try {
    const { client } = await connector.connected;
    const handle = await client.workflow.start('greetInMessage', {
      taskQueue: 'slow',
      workflowId: 'slow',
      args: ['x'],
    });
    await started.promise;
    const closed = group.close();
    finish.resolve('finished while closing');
    await closed;
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.activityTaskCompletedEventAttributes != null)).toBe(true);
    await handle.terminate();
  } finally {
    await group.close();
    await connector.close();
  }
});

test('closing before Temporal ever came ends at once', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { logger } = collectingLogger();
  const connector = createTemporalConnector({ address, namespace: 'default', logger });
  const group = runWorkers({ connector, workers: { greeter: greeter('never') }, logger });
  const startedAt = performance.now();
  await group.close();
  await connector.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  await expect(connector.connected).rejects.toThrow('is being closed');
  await expect(group.running).rejects.toThrow('worker "greeter" was closed before it ran');
});

test('trying ends with the signal, and gives its reason', async () => {
  const { logger } = collectingLogger();
  const controller = new AbortController();
  const connecting = connectForever({
    address: `127.0.0.1:${await freePort()}`,
    namespace: 'default',
    logger,
    signal: controller.signal,
  });
  controller.abort(new Error('no longer wanted'));
  await expect(connecting).rejects.toThrow('no longer wanted');
});

test('a command gives up in its time, with the exit code for it', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const startedAt = performance.now();
  await expect(connectWithin({ address, namespace: 'default', timeoutMs: 500 })).rejects.toMatchObject({
    code: 'TEMPORAL_UNREACHABLE',
    exitCode: 69,
    message: expect.stringContaining(`cannot reach Temporal at ${address}: `),
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('a command is not held up by an address that accepts and never answers', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<import('node:net').Socket>();
  silent.on('connection', (socket) => sockets.add(socket));
  try {
    const { port } = silent.address() as import('node:net').AddressInfo;
    const startedAt = performance.now();
    await expect(
      connectWithin({ address: `127.0.0.1:${port}`, namespace: 'default', timeoutMs: 500 }),
    ).rejects.toMatchObject({ exitCode: 69 });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

test('a grpc-js connection comes along when it is asked for', async () => {
  const connection = await connectWithin({ address: server.address, namespace: 'default', grpcJs: true });
  try {
    expect(await connection.grpc?.workflowService.getSystemInfo({})).toHaveProperty('serverVersion');
  } finally {
    await connection.close();
  }
});

test('a bundle that the build wrote is preferred to the sources', async () => {
  const bundlePath = join(folder, 'dist', 'workflow-bundle.js');
  await writeWorkflowBundle(sourcePath, bundlePath);
  expect(await workflowSource({ sourcePath, bundlePath })).toEqual({
    workflowBundle: { codePath: bundlePath },
  });
});

async function startLater(address: string): Promise<TestServer> {
  return startTestServer({
    ignoreAddress: true,
    port: Number(address.split(':')[1]),
    databaseFile: join(folder, 'late.db'),
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
