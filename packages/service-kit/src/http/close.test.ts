import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { expect, test } from '@jest/globals';
import { AgentExecutionQueryController } from '@token-handshake/proto/agentexecution';
import { startTestServer } from './test-server.suite.ts';

test('closes at once although idle HTTP/2 sessions and HTTP/1.1 connections are open', async () => {
  const server = await startTestServer({ drainMs: 20_000 });
  const session = connectHttp2(server.url);
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  const ended = new Promise<void>((resolve) => session.once('close', () => resolve()));
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

  const startedAt = performance.now();
  await server.close();
  await ended;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('closes at once although a connection has said nothing yet', async () => {
  const server = await startTestServer({ drainMs: 20_000 });
  const socket = connect({ host: '127.0.0.1', port: server.address().port });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.write('PRI');
  const startedAt = performance.now();
  await server.close();
  await ended;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test.each(['gRPC', 'Connect over HTTP/1.1'])(
  'lets a running %s request finish before it closes',
  async (name) => {
    const server = await startTestServer({ drainMs: 20_000 });
    const sessionManager = new Http2SessionManager(server.url);
    const transport =
      name === 'gRPC'
        ? createGrpcTransport({ baseUrl: server.url, sessionManager })
        : createConnectTransport({ baseUrl: server.url, httpVersion: '1.1' });
    const client = createClient(AgentExecutionQueryController, transport);
    const slow = client.get({ value: 'aex_slow' });
    while (server.waiting() === 0) await new Promise((resolve) => setTimeout(resolve, 5));

    const closed = server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    server.release();
    expect((await slow).metadata?.id).toBe('aex_slow');
    await closed;
    sessionManager.abort();
  },
);

test('cancels a stream that outlives the drain time with UNAVAILABLE', async () => {
  const server = await startTestServer({ drainMs: 100, cancelMs: 2_000 });
  const sessionManager = new Http2SessionManager(server.url);
  const client = createClient(
    AgentExecutionQueryController,
    createGrpcTransport({ baseUrl: server.url, sessionManager }),
  );
  const stream = client.subscribe({ value: 'aex_stubborn' })[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  const rest = stream.next().then(
    () => undefined,
    (error: unknown) => ConnectError.from(error),
  );
  await server.close();
  expect((await rest)?.code).toBe(Code.Unavailable);
  expect(server.ended()).toBe(1);
  sessionManager.abort();
});

test('cuts a request that does not even end when it is cancelled', async () => {
  const server = await startTestServer({ drainMs: 50, cancelMs: 50 });
  const sessionManager = new Http2SessionManager(server.url);
  const client = createClient(
    AgentExecutionQueryController,
    createGrpcTransport({ baseUrl: server.url, sessionManager }),
  );
  const slow = client.get({ value: 'aex_slow' }).then(
    () => undefined,
    (error: unknown) => error,
  );
  while (server.waiting() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  expect(await slow).toBeInstanceOf(ConnectError);
  server.release();
  sessionManager.abort();
});

test('an address that is taken is an error, not a hang', async () => {
  await using server = await startTestServer();
  const { host, port } = server.address();
  await expect(startTestServer({ listen: { host, port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
