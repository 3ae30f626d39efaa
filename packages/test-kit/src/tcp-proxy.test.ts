import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A server that sends back what it gets. */
async function echoServer(): Promise<{ address: string; received: () => string } & AsyncDisposable> {
  let received = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received += data;
      socket.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function clientOf(proxy: TcpProxy) {
  const socket = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
  let got = '';
  let closed = false;
  socket.on('data', (data) => {
    got += data;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'connect');
  return {
    send: (text: string) => socket.write(text),
    end: () => socket.end(),
    got: (text: string) =>
      eventually(() => got === text, { what: `"${text}" (now "${got}")`, timeoutMs: 5_000 }),
    closed: () => eventually(() => closed, { what: 'the end of the connection', timeoutMs: 5_000 }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

describe('the TCP proxy', () => {
  test('passes both directions on, and counts the bytes', async () => {
    await using server = await echoServer();
    await using proxy = await startTcpProxy(server.address);
    using client = await clientOf(proxy);
    client.send('hello');
    await client.got('hello');
    expect(proxy.passed).toEqual({ toTarget: 5, toClient: 5 });
    expect(proxy.connections).toBe(1);
    client.end();
    await client.closed();
    await eventually(() => proxy.connections === 0);
  });

  test('cuts an answer after a number of bytes, once, though the request arrived', async () => {
    await using server = await echoServer();
    await using proxy = await startTcpProxy(server.address);
    const cut = proxy.cutOnce({ direction: 'toClient', afterBytes: 3 });
    using first = await clientOf(proxy);
    first.send('hello');
    await cut;
    await first.got('hel');
    await first.closed();
    expect(server.received()).toBe('hello');
    using second = await clientOf(proxy);
    second.send('again');
    await second.got('again');
  });

  test('cuts before the first byte of a request arrives', async () => {
    await using server = await echoServer();
    await using proxy = await startTcpProxy(server.address);
    const cut = proxy.cutOnce({ direction: 'toTarget', afterBytes: 0 });
    using client = await clientOf(proxy);
    client.send('hello');
    await cut;
    await client.closed();
    expect(server.received()).toBe('');
  });

  test('holds one direction, and later lets through what came meanwhile', async () => {
    await using server = await echoServer();
    await using proxy = await startTcpProxy(server.address);
    using client = await clientOf(proxy);
    client.send('a');
    await client.got('a');
    proxy.hold('toClient');
    client.send('b');
    await eventually(() => server.received() === 'ab');
    await client.got('a');
    proxy.pass();
    await client.got('ab');
  });

  test('refuses connections until it passes again', async () => {
    await using server = await echoServer();
    await using proxy = await startTcpProxy(server.address);
    using before = await clientOf(proxy);
    proxy.refuse();
    await before.closed();
    using refused = await clientOf(proxy);
    await refused.closed();
    proxy.pass();
    using after = await clientOf(proxy);
    after.send('hello');
    await after.got('hello');
  });
});
