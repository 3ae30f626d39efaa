import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { untilReady } from './until-ready.ts';

const alive = { isAlive: () => true, ended: new Promise<string>(() => {}), tail: () => 'its last words' };

/** A service that says 503 so many times, then 200. */
async function service(refusals: number): Promise<{ address: string; paths: string[] } & AsyncDisposable> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.statusCode = paths.length > refusals ? 200 : 503;
    response.end('{"checks":{"temporal":"connecting"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('waiting for a service', () => {
  test('lasts until it says that it is ready', async () => {
    await using peer = await service(3);
    await untilReady({
      name: 'peer',
      child: alive,
      address: peer.address,
      until: 'ready',
      timeoutMs: 10_000,
    });
    expect(peer.paths).toEqual(Array(4).fill('/readyz'));
  });

  test('asks for life only, when that is enough', async () => {
    await using peer = await service(0);
    await untilReady({ name: 'peer', child: alive, address: peer.address, until: 'live', timeoutMs: 10_000 });
    expect(peer.paths).toEqual(['/healthz']);
  });

  test('that takes too long ends with what the service answers and wrote', async () => {
    await using peer = await service(Number.POSITIVE_INFINITY);
    const waiting = untilReady({
      name: 'peer',
      child: alive,
      address: peer.address,
      until: 'ready',
      timeoutMs: 150,
    });
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(waiting).rejects.toThrow(/503: .*connecting.*\nits last words/s);
  });

  test.each([
    ['ENDED', 'bad settings'],
    ['PORT_LOST', 'listen EADDRINUSE: address already in use'],
  ])('of one that ended is %s', async (code, words) => {
    const child = { isAlive: () => false, ended: Promise.resolve('exit code 1'), tail: () => words };
    const waiting = untilReady({
      name: 'peer',
      child,
      address: '127.0.0.1:1',
      until: 'ready',
      timeoutMs: 1_000,
    });
    await expect(waiting).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('is given up when its signal fires', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const waiting = untilReady({
      name: 'peer',
      child: alive,
      address: '127.0.0.1:1',
      until: 'ready',
      timeoutMs: 10_000,
      signal,
    });
    await expect(waiting).rejects.toBe(reason);
  });
});
