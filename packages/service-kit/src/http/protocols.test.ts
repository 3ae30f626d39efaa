import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { describe, expect, jest, test } from '@jest/globals';
import { AgentExecutionQueryController, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer } from './test-server.suite.ts';

const protocols: Record<string, (baseUrl: string, sessions: Http2SessionManager) => Transport> = {
  'gRPC over prior-knowledge HTTP/2': (baseUrl, sessionManager) =>
    createGrpcTransport({ baseUrl, sessionManager }),
  'gRPC-Web over HTTP/1.1': (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
  'gRPC-Web over HTTP/2': (baseUrl, sessionManager) =>
    createGrpcWebTransport({ baseUrl, httpVersion: '2', sessionManager }),
  'Connect over HTTP/1.1': (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' }),
  'Connect over HTTP/2': (baseUrl, sessionManager) =>
    createConnectTransport({ baseUrl, httpVersion: '2', sessionManager }),
};

describe.each(Object.keys(protocols))('%s', (name) => {
  async function start() {
    const server = await startTestServer();
    const sessions = new Http2SessionManager(server.url);
    const transport = protocols[name]?.(server.url, sessions) as Transport;
    return {
      server,
      client: createClient(AgentExecutionQueryController, transport),
      async [Symbol.asyncDispose]() {
        sessions.abort();
        await server.close();
      },
    };
  }

  test('answers a unary call', async () => {
    await using started = await start();
    const execution = await started.client.get({ value: 'aex_1' });
    expect(execution.metadata?.id).toBe('aex_1');
  });

  test('streams every message of a server stream', async () => {
    await using started = await start();
    const phases: ExecutionPhase[] = [];
    for await (const item of started.client.subscribe({ value: 'aex_1' })) {
      phases.push(item.status?.phase ?? ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED);
    }
    expect(phases).toEqual([ExecutionPhase.EXECUTION_PENDING, ExecutionPhase.EXECUTION_COMPLETED]);
  });

  test('refuses a message above the limit with RESOURCE_EXHAUSTED and goes on serving', async () => {
    await using started = await start();
    const error = await failureOf(started.client.list({ pageToken: 'x'.repeat(4 * 1024 * 1024) }));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect((await started.client.get({ value: 'aex_2' })).metadata?.id).toBe('aex_2');
  });

  test('refuses a request that breaks its schema with INVALID_ARGUMENT and the violations', async () => {
    await using started = await start();
    const error = await failureOf(started.client.get({ value: 'not an id' }));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.message).toContain('value');
    expect(error.details).toHaveLength(1);
  });

  test('maps an error of the domain and hides any other behind an id', async () => {
    await using started = await start();
    const known = await failureOf(started.client.get({ value: 'aex_missing' }));
    expect([known.code, known.rawMessage]).toEqual([Code.NotFound, 'no execution "aex_missing"']);

    const unknown = await failureOf(started.client.get({ value: 'aex_bug' }));
    expect(unknown.code).toBe(Code.Internal);
    expect(unknown.message).not.toContain('hunter2');
    const line = started.server.lines.find((entry) => entry['errorId'] !== undefined);
    expect(unknown.message).toContain(String(line?.['errorId']));
    expect(line?.['err']).toMatchObject({ type: 'Error', message: 'the password is hunter2' });
  });

  test('hides an error that breaks a stream, after the messages before it', async () => {
    await using started = await start();
    const received: unknown[] = [];
    const error = await failureOf(
      (async () => {
        for await (const item of started.client.subscribe({ value: 'aex_bug' })) received.push(item);
      })(),
    );
    expect(received).toHaveLength(2);
    expect(error.code).toBe(Code.Internal);
    expect(error.message).not.toContain('hunter2');
  });

  test('ends the handler of a stream whose reader has left, without a word on the console', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      await using started = await start();
      const leave = new AbortController();
      const reading = (async () => {
        let count = 0;
        for await (const _ of started.client.subscribe({ value: 'aex_open' }, { signal: leave.signal })) {
          count += 1;
          if (count === 2) leave.abort();
        }
      })();
      expect((await failureOf(reading)).code).toBe(Code.Canceled);
      while (started.server.ended() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      // The handler has ended; Connect's own part ends within the time that an answered call takes.
      await started.client.get({ value: 'aex_1' });
      expect(said).not.toHaveBeenCalled();
    } finally {
      said.mockRestore();
    }
  });
});

/** What an HTTP/2 client says first: preface and an empty SETTINGS frame. */
const hello = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

test('an HTTP/2 connection ends with its client, which says no goodbye', async () => {
  await using server = await startTestServer();
  const socket = connect(server.address().port, '127.0.0.1').resume();
  // A request whole in one frame (GET http://a/), so that the connection has been of use.
  const request = Buffer.from([0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 1, 0x61]);
  socket.write(Buffer.concat([hello, request]));
  let answer = Buffer.alloc(0);
  while (!answer.includes('Not Found')) answer = Buffer.concat([answer, ...(await once(socket, 'data'))]);
  // What is to be seen of a process that dies.
  const ended = once(socket, 'close');
  socket.end();
  await ended;
});

test('recognises HTTP/2 when the first bytes come one by one', async () => {
  await using server = await startTestServer();
  await using trickle = await openSocket(server.address().port);
  await trickle.writeOneByOne(hello);
  const answer = await trickle.read(9);
  // The server's own SETTINGS frame: type 4 on stream 0.
  expect(answer[3]).toBe(4);
});

test('serves HTTP/1.1 when the first bytes come one by one, even when they begin like HTTP/2', async () => {
  await using server = await startTestServer();
  await using trickle = await openSocket(server.address().port);
  await trickle.writeOneByOne(Buffer.from('P'));
  await trickle.writeOneByOne(Buffer.from('UT /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n'));
  expect((await trickle.read(12)).toString()).toBe('HTTP/1.1 404');

  await using other = await openSocket(server.address().port);
  await other.writeOneByOne(Buffer.from('GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n'));
  expect((await other.read(15)).toString()).toBe('HTTP/1.1 200 OK');
});

test.each([
  ['no host', 'HTTP/1.0'],
  ['an empty host', 'HTTP/1.1\r\nhost:'],
  ['a host that is none', 'HTTP/1.1\r\nhost: a b'],
])('refuses a call with %s', async (_name, head) => {
  await using server = await startTestServer();
  await using socket = await openSocket(server.address().port);
  const path = `/${AgentExecutionQueryController.typeName}/get`;
  const body = JSON.stringify({ value: 'aex_1' });
  const rest = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  await socket.write(Buffer.from(`POST ${path} ${head}\r\n${rest}\r\n\r\n${body}`));
  expect((await socket.read(12)).toString()).toBe('HTTP/1.1 400');
});

test('cuts a connection that never says what it speaks', async () => {
  await using server = await startTestServer({ headersTimeoutMs: 100 });
  await using silent = await openSocket(server.address().port);
  await silent.writeOneByOne(Buffer.from('PRI'));
  await silent.closed;
});

test('cuts an HTTP/1.1 request whose head never ends', async () => {
  await using server = await startTestServer({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
  await using slow = await openSocket(server.address().port);
  await slow.writeOneByOne(Buffer.from('GET /healthz HTTP/1.1\r\nhost:'));
  expect((await slow.read(12)).toString()).toBe('HTTP/1.1 408');
  await slow.closed;
});

async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConnectError);
  return error as ConnectError;
}

async function openSocket(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let received = Buffer.alloc(0);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    socket.emit('received');
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    closed,
    write: (bytes: Buffer) => new Promise<void>((resolve) => socket.write(bytes, () => resolve())),
    async writeOneByOne(bytes: Buffer) {
      for (const byte of bytes) {
        await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => resolve()));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async read(length: number) {
      while (received.length < length) await new Promise((resolve) => socket.once('received', resolve));
      return received.subarray(0, length);
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}
