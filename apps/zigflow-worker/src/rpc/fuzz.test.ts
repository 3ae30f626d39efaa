import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callId, generateKeySet, KeyRing, seal, type TaskToken } from '@token-handshake/core';
import {
  connectWithin,
  createHttpServer,
  createLogger,
  createMetrics,
  type HttpServer,
  readConfig,
  standardInterceptors,
  type TemporalConnection,
} from '@token-handshake/service-kit';
import {
  arbitraryRequest,
  exchange,
  type RawConnection,
  rawConnection,
  rpcsOf,
} from '@token-handshake/service-kit/testing';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import fc from 'fast-check';
import { configDefinition } from '../config.ts';
import { metricTable } from '../metrics.ts';
import { callbackErrors } from './callback-errors.ts';
import { callbackRoutes } from './callback-service.ts';

const RUNS_PER_RPC = 150;
/** Much longer than any answer takes. */
const UNARY_MS = 20_000;
/** What no input may bring about. */
const FAULTS: readonly (string | undefined)[] = ['internal', 'unknown', 'data_loss'];
const origin = 'https://zigflow.example.com';

/** Given to run the same requests again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);
const lines: string[] = [];
const logger = createLogger({
  name: 'zigflow',
  level: 'debug',
  destination: { write: (line) => lines.push(line) },
});
const metrics = createMetrics(metricTable);
const ring = KeyRing.fromJwks(JSON.stringify(generateKeySet()));

let temporal: TestServer;
let connection: TemporalConnection;
let http: HttpServer;
let raw: RawConnection;
const routes = callbackRoutes({
  config: readConfig(configDefinition, { CALLBACK_TARGET: origin }),
  keyRing: { current: () => ring },
  client: () => connection.client,
  onEvent: () => {},
});

beforeAll(async () => {
  process.stdout.write(`fuzzing with FUZZ_SEED=${seed}\n`);
  process.on('unhandledRejection', onUnhandled);
  temporal = await startTestServer({ ignoreAddress: true });
  connection = await connectWithin({ address: temporal.address, namespace: temporal.namespace });
  http = await createHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    routes,
    interceptors: standardInterceptors({
      toConnectError: callbackErrors(logger, metrics.instruments),
      logger,
    }),
    logger,
  });
  raw = rawConnection(http.address().url);
}, 120_000);
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  raw?.[Symbol.dispose]();
  await http?.close();
  await connection?.close();
  await temporal?.stop();
});

/** A token that passes every check, of an activity that does not exist. */
async function goodToken(): Promise<Uint8Array> {
  const scheduledTimestampMs = Date.now();
  const namespace = temporal.namespace;
  const { namespaceInfo } = await connection.client.workflowService.describeNamespace({ namespace });
  const identity = { namespace, workflowId: 'nobody', runId: crypto.randomUUID(), activityId: '1' };
  return seal(ring, {
    ...identity,
    taskToken: new Uint8Array([10, 1, 120]) as Uint8Array as TaskToken,
    namespaceId: namespaceInfo?.id ?? '',
    activityType: 'stigmer/call-agent',
    callId: callId({ ...identity, scheduledTimestampMs }),
    audience: 'stigmer',
    ord: scheduledTimestampMs,
    att: 1,
    exp: scheduledTimestampMs + 600_000,
    graceMs: 30_000,
    target: origin,
    heartbeatTimeoutMs: 10_000,
  });
}

test('no request, whatever is in it and however it is sent, makes a callback fail', async () => {
  const good = await goodToken();
  const bytes = fc.oneof(
    fc.constant(good),
    fc.uint8Array({ maxLength: 400 }),
    fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
    fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([index, by]) => {
      return Uint8Array.from(good, (byte, each) => (each === index ? byte ^ by : byte));
    }),
  );
  for (const rpc of rpcsOf(routes)) {
    const codes = new Set<string | undefined>();
    const property = fc.asyncProperty(arbitraryRequest(rpc, { bytes }), async (request) => {
      const { status, code, body } = await exchange(raw, request, UNARY_MS);
      codes.add(code);
      if (status === undefined) throw new Error('there was no answer');
      if (status === 500 || FAULTS.includes(code)) throw new Error(`it answered ${status}, ${code}: ${body}`);
    });
    await fc.assert(property, { seed, numRuns: RUNS_PER_RPC });
    // Had every request been turned away at the door, nothing would be said about the callback.
    expect(codes.size).toBeGreaterThan(1);
  }
  expect((await fetch(`${http.address().url}/healthz`)).status).toBe(200);
  expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  expect(unhandled).toEqual([]);
}, 240_000);
