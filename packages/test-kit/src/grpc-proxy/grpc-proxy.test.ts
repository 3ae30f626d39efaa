import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import { eventually } from '../eventually.ts';
import { grpcStatus } from './grpc-fault.ts';
import { startGrpcProxy } from './grpc-proxy.ts';

const START = 'StartWorkflowExecution';
const DESCRIBE_NAMESPACE = 'DescribeNamespace';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ ignoreAddress: true });
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });
});
afterAll(async () => {
  await server?.stop();
});

/** A proxy before the server, and a client (grpc-js) behind the proxy. */
async function proxied() {
  await using cleanup = new AsyncDisposableStack();
  const proxy = cleanup.use(await startGrpcProxy(server.address));
  const connection = Connection.lazy({ address: proxy.address });
  cleanup.defer(() => connection.close());
  const client = new Client({ connection });
  const describe = () => client.workflowService.describeNamespace({ namespace: server.namespace });
  const resources = cleanup.move();
  return { proxy, client, describe, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Starts a workflow that no worker runs, once: an answer that is lost is not tried again. */
function startOnce(client: Client, workflowId: string) {
  return client.withDeadline(Date.now() + 5_000, () =>
    client.workflowService.startWorkflowExecution({
      namespace: server.namespace,
      workflowId,
      workflowType: { name: 'nobody' },
      taskQueue: { name: 'nobody' },
      requestId: workflowId,
    }),
  );
}

describe('the gRPC proxy', () => {
  test('serves a worker’s native connection and a client’s, long polls and a large answer included', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    const large = 'x'.repeat(1_500_000);
    const connection = await NativeConnection.connect({ address: proxy.address });
    // Native connections compress what they send.
    using greets = proxy.delay('RespondActivityTaskCompleted', 1, {
      when: (message) => message.includes('hello you'),
    });
    const worker = await Worker.create({
      connection,
      taskQueue: 'greetings',
      workflowsPath: fileURLToPath(new URL('./workflows', import.meta.url)),
      activities: { greet: async (name: string) => `hello ${name}${large}` },
    });
    const result = await worker.runUntil(
      client.workflow.execute('greeting', { taskQueue: 'greetings', workflowId: 'g', args: ['you'] }),
    );
    await connection.close();
    expect(greets.struck).toBe(1);
    expect(result).toBe(`hello you${large}`);
    expect(proxy.counts('RespondActivityTaskCompleted')).toEqual({
      received: 1,
      forwarded: 1,
      answered: { 0: 1 },
    });
    expect(proxy.counts('PollActivityTaskQueue').forwarded).toBeGreaterThan(0);
    expect(proxy.counts('GetWorkflowExecutionHistory').answered[0]).toBeGreaterThan(0);
  });

  test('denies one method, so often as it is told, and lets the others pass', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    using fault = proxy.deny(START, { times: 1 });
    const error = await startOnce(client, 'denied').catch((reason: unknown) => reason);
    expect(isGrpcServiceError(error) && error.code).toBe(grpcStatus.permissionDenied);
    expect(fault.struck).toBe(1);
    expect(proxy.counts(START)).toEqual({ received: 1, forwarded: 0, answered: {} });
    await system.describe();
    await startOnce(client, 'allowed');
    expect(proxy.counts(`/temporal.api.workflowservice.v1.WorkflowService/${START}`)).toEqual({
      received: 2,
      forwarded: 1,
      answered: { 0: 1 },
    });
  });

  test('holds the calls that are meant until the fault is ended, while others pass', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    const fault = proxy.hold(START, { when: (message) => message.includes('held-one') });
    let answered = false;
    const held = startOnce(client, 'held-one').then(() => {
      answered = true;
    });
    await eventually(() => fault.holding === 1);
    await startOnce(client, 'other-one');
    expect(answered).toBe(false);
    expect(proxy.counts(START)).toMatchObject({ received: 2, forwarded: 1 });
    fault.end();
    await held;
    expect(proxy.counts(START)).toMatchObject({ forwarded: 2 });
    expect(fault.holding).toBe(0);
  });

  test('forwards a held call whose caller has given up', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    const fault = proxy.hold(START, { when: (message) => message.includes('given-up') });
    const request = {
      namespace: server.namespace,
      workflowId: 'given-up',
      workflowType: { name: 'nobody' },
      taskQueue: { name: 'nobody' },
      requestId: 'given-up',
    };
    const abort = new AbortController();
    const asked = client.withAbortSignal(abort.signal, () =>
      client.workflowService.startWorkflowExecution(request),
    );
    await eventually(() => fault.holding === 1);
    abort.abort();
    await expect(asked).rejects.toThrow();
    fault.end();
    await eventually(() => proxy.counts(START).answered[0] === 1);
    await client.workflow.getHandle('given-up').describe();
  });

  test('holds an answer that the server has given', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    const fault = proxy.holdAnswer(START, { times: 1 });
    let answered = false;
    const asked = startOnce(client, 'answer-held').then(() => {
      answered = true;
    });
    await eventually(() => fault.holding === 1);
    await client.workflow.getHandle('answer-held').describe();
    expect(answered).toBe(false);
    fault.end();
    await asked;
    expect(proxy.counts(START)).toEqual({ received: 1, forwarded: 1, answered: { 0: 1 } });
  });

  test('loses an answer: the server did what was asked, and the client does not know', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    using fault = proxy.loseAnswer(START, { times: 1 });
    // The SDK asks again when the connection breaks: the request id makes that the same start.
    await startOnce(client, 'lost');
    expect(fault.struck).toBe(1);
    expect(proxy.counts(START)).toEqual({ received: 2, forwarded: 2, answered: { 0: 2 } });
    const { raw } = await client.workflow.getHandle('lost').describe();
    expect(raw.workflowExecutionInfo?.status).toBe(1);
  });

  test('delays a method', async () => {
    await using system = await proxied();
    using fault = system.proxy.delay(DESCRIBE_NAMESPACE, 300, { times: 1 });
    const before = performance.now();
    await system.describe();
    expect(performance.now() - before).toBeGreaterThanOrEqual(290);
    expect(fault.struck).toBe(1);
  });

  test('refuses everybody until it passes, also a client that was connected', async () => {
    await using system = await proxied();
    const { proxy, client } = system;
    await system.describe();
    proxy.refuse();
    await eventually(() => proxy.connections === 0);
    const asked = client.withDeadline(Date.now() + 500, system.describe);
    await expect(asked).rejects.toThrow();
    expect(proxy.counts(DESCRIBE_NAMESPACE).forwarded).toBe(1);
    proxy.pass();
    await eventually(system.describe);
  });

  test('cuts its clients when the server is gone, and finds it again', async () => {
    await using own = await startTestServer({ ignoreAddress: true });
    await using system = await proxied();
    system.proxy.target = own.address;
    await system.describe();
    await own.halt('SIGKILL');
    await eventually(() => system.proxy.connections === 0);
    await own.resume();
    await eventually(system.describe);
  });
});
