import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { expect, test } from '@jest/globals';
import { Health, HealthCheckResponse_ServingStatus as Status } from '@token-handshake/proto/health';
import { createMetrics } from '../metrics/create-metrics.ts';
import { defineMetrics } from '../metrics/define-metrics.ts';
import { Readiness } from './readiness.ts';
import { startTestServer } from './test-server.suite.ts';

const service = 'ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController';

async function start() {
  const readiness = new Readiness({ temporal: 'connecting' });
  const server = await startTestServer({ health: readiness });
  const sessionManager = new Http2SessionManager(server.url);
  return {
    readiness,
    server,
    health: createClient(Health, createGrpcTransport({ baseUrl: server.url, sessionManager })),
    async [Symbol.asyncDispose]() {
      sessionManager.abort();
      await server.close();
    },
  };
}

test('/healthz says yes while /readyz gives the reason, until the check is met', async () => {
  await using started = await start();
  const { url } = started.server;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  const before = await fetch(`${url}/readyz`);
  expect(before.status).toBe(503);
  expect(await before.json()).toEqual({
    ready: false,
    checks: { temporal: { ready: false, reason: 'connecting' } },
  });

  started.readiness.set('temporal', { ready: true });
  const after = await fetch(`${url}/readyz`);
  expect(after.status).toBe(200);
  expect(await after.json()).toEqual({ ready: true, checks: { temporal: { ready: true } } });
});

test('Check answers for the server and for each service, and NOT_FOUND for others', async () => {
  await using started = await start();
  expect((await started.health.check({})).status).toBe(Status.NOT_SERVING);
  started.readiness.set('temporal', { ready: true });
  expect((await started.health.check({})).status).toBe(Status.SERVING);
  expect((await started.health.check({ service })).status).toBe(Status.SERVING);
  const error = await started.health.check({ service: 'no.such.Service' }).then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason),
  );
  expect(error?.code).toBe(Code.NotFound);
});

test('Watch sends the status and every change of it, and ends when the server closes', async () => {
  await using started = await start();
  const watch = started.health.watch({ service })[Symbol.asyncIterator]();
  expect((await watch.next()).value.status).toBe(Status.NOT_SERVING);
  started.readiness.set('temporal', { ready: true });
  expect((await watch.next()).value.status).toBe(Status.SERVING);
  started.readiness.set('temporal', { ready: false, reason: 'the connection is gone' });
  expect((await watch.next()).value.status).toBe(Status.NOT_SERVING);
  started.readiness.set('temporal', { ready: true });
  expect((await watch.next()).value.status).toBe(Status.SERVING);

  const startedAt = performance.now();
  const closed = started.server.close();
  expect((await watch.next()).value.status).toBe(Status.NOT_SERVING);
  expect((await watch.next()).done).toBe(true);
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('Watch says SERVICE_UNKNOWN for a service that is not here and stays open', async () => {
  await using started = await start();
  const leave = new AbortController();
  const watch = started.health.watch({ service: 'no.such.Service' }, { signal: leave.signal });
  const iterator = watch[Symbol.asyncIterator]();
  expect((await iterator.next()).value.status).toBe(Status.SERVICE_UNKNOWN);
  started.readiness.set('temporal', { ready: true });
  const next = iterator.next().then(
    () => 'an item',
    (error: unknown) => ConnectError.from(error).code,
  );
  leave.abort();
  expect(await next).toBe(Code.Canceled);
});

test('/metrics shows the metrics of the table and of the process', async () => {
  const table = defineMetrics({
    things_total: { type: 'counter', help: 'Things that happened.', labels: ['kind'] },
  });
  const metrics = createMetrics(table);
  metrics.instruments.things_total.inc({ kind: 'good' });
  await using server = await startTestServer({ metrics });
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  const body = await response.text();
  expect(body).toContain('things_total{kind="good"} 1');
  expect(body).toContain('process_cpu_seconds_total');
});

test('a listener hears of changes only, until it leaves', () => {
  const readiness = new Readiness();
  const heard: boolean[] = [];
  const leave = readiness.subscribe((snapshot) => heard.push(snapshot.ready));
  expect(readiness.snapshot()).toEqual({ ready: true, checks: {} });
  readiness.set('a', { ready: false, reason: 'no' });
  readiness.set('a', { ready: false, reason: 'no' });
  readiness.set('a', { ready: false, reason: 'still no' });
  readiness.set('a', { ready: true });
  readiness.set('a', { ready: true });
  leave();
  readiness.set('a', { ready: false, reason: 'no' });
  expect(heard).toEqual([false, false, true]);
});
