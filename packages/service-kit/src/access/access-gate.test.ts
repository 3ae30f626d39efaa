import { request as httpRequest } from 'node:http';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AgentExecutionQueryController } from '@token-handshake/proto/agentexecution';
import { Health } from '@token-handshake/proto/health';
import { collectingLogger, startTestServer, type TestHttpServer } from '../http/test-server.suite.ts';
import { type AccessRefusal, accessGate } from './access-gate.ts';
import { makeApiKey } from './api-key.ts';
import { type ApiKeyEntry, apiKeyEntry } from './api-key-file.ts';
import { anonymousAuthenticator, bearerAuthenticator } from './bearer-authenticator.ts';
import { createRequestLimit } from './request-limit.ts';

const caller = makeApiKey();
const runner = makeApiKey();
const entries = new Map<string, ApiKeyEntry>(
  [
    apiKeyEntry(caller, { principal: 'zigflow', scopes: ['caller'] }),
    apiKeyEntry(runner, { principal: 'runner', scopes: ['runner'] }),
  ].map((entry) => [entry.id, entry]),
);
const service = AgentExecutionQueryController.typeName;
const policy = {
  [`${service}/get`]: { caller: 'own', anonymous: 'own' },
  [`${service}/subscribe`]: { caller: 'own' },
} as const;

const cleanup = new Set<() => void>();
afterEach(() => {
  for (const close of cleanup) close();
  cleanup.clear();
});

interface Guarded extends TestHttpServer {
  readonly refusals: readonly AccessRefusal[];
}

async function guarded(
  options: { perSecond?: number; anonymous?: boolean; requestTimeoutMs?: number } = {},
): Promise<Guarded> {
  const refusals: AccessRefusal[] = [];
  const authenticator = options.anonymous
    ? anonymousAuthenticator({
        id: 'anonymous',
        roles: ['anonymous'],
        credential: 'anonymous',
        rawTokens: true,
      })
    : bearerAuthenticator({ apiKeys: () => entries, jwt: () => undefined });
  const gate = accessGate({
    authenticator,
    policy,
    limit: createRequestLimit({ perSecond: options.perSecond ?? 1_000, burst: 0 }),
    logger: collectingLogger().logger,
    onRefused: (reason) => refusals.push(reason),
  });
  return Object.assign(await startTestServer({ gate }), { refusals });
}

type MakeTransport = (url: string) => Transport;
const protocols: [string, MakeTransport][] = [
  [
    'gRPC',
    (url) => {
      const sessionManager = new Http2SessionManager(url);
      cleanup.add(() => sessionManager.abort());
      return createGrpcTransport({ baseUrl: url, sessionManager });
    },
  ],
  ['gRPC-Web', (url) => createGrpcWebTransport({ baseUrl: url, httpVersion: '1.1' })],
  ['Connect', (url) => createConnectTransport({ baseUrl: url, httpVersion: '1.1' })],
];

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

async function refusalOf(
  call: Promise<unknown>,
): Promise<{ code: string; error: string | null; words: string }> {
  const error = ConnectError.from(
    await call.then(
      () => new Error('was let in'),
      (reason: unknown) => reason,
    ),
  );
  return { code: Code[error.code], error: error.metadata.get('error-code'), words: error.rawMessage };
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

describe.each(protocols)('over %s', (_name, transportTo) => {
  test('a call with the right key is let in, and its log line says whose it was', async () => {
    await using server = await guarded();
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    expect((await client.get({ value: 'aex_1' }, bearer(caller))).metadata?.id).toBe('aex_1');
    await drain(client.subscribe({ value: 'aex_1' }, bearer(caller)));
    const ended = server.lines.filter(({ msg }) => msg === 'rpc ended');
    expect(ended).toMatchObject([{ principal: 'zigflow' }, { principal: 'zigflow' }]);
    expect(server.refusals).toEqual([]);
  });

  test('none and wrong credentials get the same answer, for calls and for streams', async () => {
    await using server = await guarded();
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    const shown = [{}, bearer(makeApiKey()), bearer('x'), { headers: { authorization: 'Basic eDp5' } }];
    const answers = await Promise.all(
      shown.flatMap((options) => [
        refusalOf(client.get({ value: 'aex_1' }, options)),
        refusalOf(drain(client.subscribe({ value: 'aex_1' }, options))),
      ]),
    );
    expect(answers[0]).toMatchObject({ code: 'Unauthenticated', error: 'CREDENTIALS_REFUSED' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(new Set(server.refusals)).toEqual(new Set(['missing', 'unknown', 'malformed']));
  });

  test('another scope, and a method that no policy names, are denied', async () => {
    await using server = await guarded();
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    const denied = { code: 'PermissionDenied', error: 'SCOPE_MISSING' };
    expect(await refusalOf(client.get({ value: 'aex_1' }, bearer(runner)))).toMatchObject(denied);
    expect(await refusalOf(client.list({}, bearer(caller)))).toMatchObject(denied);
    expect(server.refusals).toEqual(['scope', 'scope']);
  });

  test('health is open', async () => {
    await using server = await guarded({ perSecond: 1 });
    const health = createClient(Health, transportTo(server.url));
    for (let i = 0; i < 5; i += 1) await health.check({});
  });

  test('too many calls with one key are told how long to wait; another key is not concerned', async () => {
    await using server = await guarded({ perSecond: 2 });
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    const calls = Array.from({ length: 8 }, () =>
      client.get({ value: 'aex_1' }, bearer(caller)).then(
        () => undefined,
        (reason: unknown) => ConnectError.from(reason),
      ),
    );
    const refused = (await Promise.all(calls)).filter((error) => error !== undefined);
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(Code[refused[0]?.code ?? 0]).toBe('ResourceExhausted');
    expect(refused[0]?.metadata.get('error-code')).toBe('REQUEST_RATE_EXCEEDED');
    expect(Number(refused[0]?.metadata.get('retry-after-ms'))).toBeGreaterThan(0);
    // Denied, and so not limited.
    expect(await refusalOf(client.get({ value: 'aex_1' }, bearer(runner)))).toMatchObject({
      error: 'SCOPE_MISSING',
    });
  });

  test('where nobody is asked, credentials are refused, and nothing is open but what the policy says', async () => {
    await using server = await guarded({ anonymous: true });
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    expect((await client.get({ value: 'aex_1' })).metadata?.id).toBe('aex_1');
    expect(await refusalOf(client.get({ value: 'aex_1' }, bearer(caller)))).toMatchObject({
      error: 'CREDENTIALS_REFUSED',
    });
    expect(await refusalOf(drain(client.subscribe({ value: 'aex_1' })))).toMatchObject({
      error: 'SCOPE_MISSING',
    });
  });

  test('a large request without credentials is answered, and the next one on the connection served', async () => {
    await using server = await guarded();
    const client = createClient(AgentExecutionQueryController, transportTo(server.url));
    const large = 'x'.repeat(3 * 1024 * 1024);
    expect(await refusalOf(client.get({ value: large }))).toMatchObject({ error: 'CREDENTIALS_REFUSED' });
    expect((await client.get({ value: 'aex_1' }, bearer(caller))).metadata?.id).toBe('aex_1');
  });
});

test('a call that is not let in is refused before its body has come', async () => {
  await using server = await guarded();
  const request = httpRequest(`${server.url}/${service}/get`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '1000' },
  });
  request.on('error', () => {});
  // Only the head, and one byte of the body.
  request.write('{');
  const status = await new Promise((resolve) =>
    request.once('response', ({ statusCode }) => resolve(statusCode)),
  );
  expect(status).toBe(401);
  request.destroy();
});
