import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { describe, expect, test } from '@jest/globals';
import { AgentExecutionQueryController, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer } from './test-server.suite.ts';

const path = `/${AgentExecutionQueryController.typeName}/get`;
const transports: [string, (baseUrl: string, sessionManager: Http2SessionManager) => Transport][] = [
  ['gRPC', (baseUrl, sessionManager) => createGrpcTransport({ baseUrl, sessionManager })],
  ['gRPC-Web', (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' })],
  ['Connect', (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })],
];

describe.each(transports)('the time for a request over %s', (_name, transportTo) => {
  async function start() {
    const server = await startTestServer({ requestTimeoutMs: 1_000 });
    const sessions = new Http2SessionManager(server.url);
    return {
      server,
      client: createClient(AgentExecutionQueryController, transportTo(server.url, sessions)),
      async [Symbol.asyncDispose]() {
        server.release();
        sessions.abort();
        await server.close();
      },
    };
  }

  test('ends a call whose handler does not answer, with a code of its own', async () => {
    await using started = await start();
    const error = ConnectError.from(
      await started.client.get({ value: 'aex_slow' }).catch((reason: unknown) => reason),
    );
    expect(Code[error.code]).toBe('DeadlineExceeded');
    expect(error.metadata.get('error-code')).toBe('REQUEST_TIMED_OUT');
    // The handler was reached, and is still at it.
    expect(started.server.waiting()).toBe(1);
    const [line] = started.server.lines.filter(({ msg }) => msg === 'rpc ended');
    expect(line).toMatchObject({ code: 'DeadlineExceeded' });
  });

  test('does not end a stream', async () => {
    await using started = await start();
    const left = new AbortController();
    const stream = started.client.subscribe({ value: 'aex_open' }, { signal: left.signal });
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    const second = await items.next();
    expect(second.value?.status?.phase).toBe(ExecutionPhase.EXECUTION_COMPLETED);
    const ended = items.next().then(
      () => 'ended',
      () => 'ended',
    );
    // A call that is made meanwhile uses up its whole time: the stream has had more.
    await started.client.get({ value: 'aex_slow' }).catch(() => {});
    expect(await Promise.race([ended, Promise.resolve('open')])).toBe('open');
    left.abort();
    await ended;
  });
});

test('a body that does not come is waited for in vain over HTTP/2', async () => {
  await using server = await startTestServer({ requestTimeoutMs: 1_000 });
  const session = connectHttp2(server.url);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    // The first byte of a message, and never the rest.
    stream.write(Buffer.from([0]));
    const trailers = await new Promise<IncomingHttpHeaders>((resolve) => {
      stream.once('response', (headers) => {
        if (headers['grpc-status'] !== undefined) resolve(headers);
      });
      stream.once('trailers', resolve);
      stream.resume();
    });
    expect(trailers['grpc-status']).toBe(String(Code.DeadlineExceeded));
    expect(trailers['error-code']).toBe('REQUEST_TIMED_OUT');
    expect(server.waiting()).toBe(0);
  } finally {
    session.destroy();
  }
});

test('a body that does not come is waited for in vain over HTTP/1.1', async () => {
  await using server = await startTestServer({ requestTimeoutMs: 1_000 });
  const socket = connect({ host: '127.0.0.1', port: server.address().port });
  const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
  );
  expect(await answer).toMatch(/^HTTP\/1\.1 504[\s\S]*REQUEST_TIMED_OUT/);
  socket.destroy();
});

test('an HTTP/2 connection whose first head never ends is closed', async () => {
  await using server = await startTestServer({ headersTimeoutMs: 100 });
  const socket = connect({ host: '127.0.0.1', port: server.address().port });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  // Preface, an empty SETTINGS frame, and HEADERS of stream 1 that announce more than comes.
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  socket.write(Buffer.from([0, 0, 100, 1, 0, 0, 0, 0, 1, 0x83]));
  await closed;
});
