import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { claimFreePort, claimPorts } from './claim-ports.ts';
import { runModule, until } from './playground.suite.ts';

const CLAIM_PORTS = JSON.stringify(new URL('./claim-ports.ts', import.meta.url).href);

test('free ports are real, different and outside the range of outgoing connections', async () => {
  const claimed = await claimPorts('127.0.0.1', 0, 0);
  expect(claimed.port).not.toBe(claimed.uiPort);
  for (const port of [claimed.port, Number(claimed.uiPort)]) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
  }
  claimed.release();
});

test('without a UI no port is claimed for it', async () => {
  const claimed = await claimPorts('127.0.0.1', 0, false);
  expect(claimed.uiPort).toBe(false);
  claimed.release();
});

test('a claimed port can be listened on, and cannot be claimed again before its release', async () => {
  const first = await claimPorts('127.0.0.1', 0, false);
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(first.port, '127.0.0.1', done);
  });
  await new Promise((done) => server.close(done));
  await expect(claimPorts('127.0.0.1', first.port, false)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  first.release();
  first.release();
  const second = await claimPorts('127.0.0.1', first.port, false);
  second.release();
});

test('of all free ports, none is claimed twice', async () => {
  const claims = await Promise.all(Array.from({ length: 400 }, () => claimFreePort('127.0.0.1')));
  expect(new Set(claims.map(({ port }) => port)).size).toBe(400);
  for (const claim of claims) claim.release();
});

test('a claim holds against other processes, and ends with its process', async () => {
  const child = runModule(
    `const { claimPorts } = await import(${CLAIM_PORTS});
     const { port } = await claimPorts('127.0.0.1', 0, false);
     console.log(port);
     setInterval(() => {}, 1000);`,
    process.env,
  );
  await until('the port to be claimed', () => child.output().includes('\n'));
  const port = Number(child.output());
  await expect(claimPorts('127.0.0.1', port, false)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGKILL');
  await ended;
  (await claimPorts('127.0.0.1', port, false)).release();
});

test('when the UI port is taken, the other one is free again', async () => {
  const other = createServer();
  await new Promise<void>((done) => {
    other.listen(0, '127.0.0.1', done);
  });
  const taken = (other.address() as AddressInfo).port;
  const free = await claimPorts('127.0.0.1', 0, false);
  free.release();
  await expect(claimPorts('127.0.0.1', free.port, taken)).rejects.toThrow(`port ${taken}`);
  (await claimPorts('127.0.0.1', free.port, false)).release();
  await new Promise((done) => other.close(done));
});
