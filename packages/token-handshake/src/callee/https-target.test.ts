import { describe, expect, test } from '@jest/globals';
import {
  type CallbackServer,
  type ReceivedRequest,
  type ScriptedReply,
  startCallbackServer,
} from '../../test/callback-server.ts';
import type { CallbackToken } from '../ids.ts';
import { HttpsTarget, type HttpsTargetOptions } from './https-target.ts';

const sealed = Buffer.from('eyJhIjoxfQ..a.b.c') as Uint8Array as CallbackToken;
const token = { sealed };
const within = { timeoutMs: 5_000 };
const completed = { completed: { answer: 42 } };

function targetOf(server: CallbackServer, options: Partial<HttpsTargetOptions> = {}): HttpsTarget {
  return new HttpsTarget({
    origin: server.origin,
    ca: server.ca,
    allowPrivateAddresses: true,
    ...options,
  });
}

type Reply = (request: ReceivedRequest) => ScriptedReply | undefined;

async function served(reply: Reply, options: Partial<HttpsTargetOptions> = {}) {
  const server = await startCallbackServer(reply);
  const target = targetOf(server, options);
  return {
    server,
    target,
    async [Symbol.asyncDispose]() {
      await target.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('what is sent', () => {
  test('each kind of outcome goes to its method, as JSON, on one connection that is kept', async () => {
    await using system = await served(() => ({ body: { verdict: 'CALLBACK_VERDICT_DELIVERED' } }));
    const { server, target } = system;
    const failed = { failed: { type: 'T', message: 'm', details: [1], retryable: true } };
    for (const outcome of [completed, failed, { cancelled: { cause: 'api' } }]) {
      expect(await target.send(token, outcome, within)).toEqual({ kind: 'ok' });
    }
    const callbackToken = Buffer.from(sealed).toString('base64');
    expect(server.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/tokenhandshake.v1.CallbackService/Complete', { callbackToken, result: { answer: 42 } }],
      ['/tokenhandshake.v1.CallbackService/Fail', { callbackToken, failure: failed.failed }],
      ['/tokenhandshake.v1.CallbackService/Cancel', { callbackToken, details: { cause: 'api' } }],
    ]);
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'connect-protocol-version': '1',
    });
    expect(server.connections).toBe(1);
  });

  test('an outcome that no service takes is not sent', async () => {
    await using system = await served(() => ({}));
    const answer = await system.target.send(token, { completed: 'x'.repeat(4 * 1024 * 1024) }, within);
    expect(answer).toMatchObject({ kind: 'oversize' });
    expect(system.server.requests).toEqual([]);
  });

  test('a beat whose details are too large keeps the caller alive without them', async () => {
    await using system = await served(() => ({ body: { answer: 'HEARTBEAT_ANSWER_ALIVE' } }));
    expect(await system.target.beat(token, 'x'.repeat(4 * 1024 * 1024), within)).toEqual({ kind: 'ok' });
    expect(system.server.requests[0]?.body).not.toHaveProperty('details');
  });
});

describe('what an answer means', () => {
  test.each([
    ['DELIVERED', { kind: 'ok' }],
    ['DUPLICATE', { kind: 'not_found' }],
    ['COLLECTED', { kind: 'not_found' }],
    ['UNBOUND', { kind: 'not_found' }],
    ['CALLER_GONE', { kind: 'not_found' }],
    ['UNCONFIRMED', { kind: 'not_found' }],
    ['MALFORMED', { kind: 'malformed', detail: 'why' }],
    ['DENIED', { kind: 'denied', detail: 'why' }],
    ['OVERSIZE', { kind: 'oversize', bytes: 7 }],
    ['UNREACHABLE', { kind: 'unreachable', detail: 'why', notSent: true }],
    ['OF_TOMORROW', { kind: 'unreachable', detail: 'its verdict is not known to this callee' }],
  ])('the verdict %s', async (verdict, answer) => {
    const body = {
      verdict: `CALLBACK_VERDICT_${verdict}`,
      detail: 'why',
      bytes: '7',
      notSent: true,
      later: 1,
    };
    await using system = await served(() => ({ body }));
    expect(await system.target.send(token, completed, within)).toEqual(answer);
  });

  test.each([
    ['ALIVE', { kind: 'ok' }],
    ['CANCEL_REQUESTED', { kind: 'cancel_requested' }],
    ['PAUSED', { kind: 'paused' }],
    ['RESET', { kind: 'reset' }],
    ['NOT_FOUND', { kind: 'not_found' }],
    ['DENIED', { kind: 'denied', detail: 'why' }],
    ['UNREACHABLE', { kind: 'unreachable', detail: 'why' }],
    [
      'OF_TOMORROW',
      { kind: 'unreachable', detail: 'its answer to the heartbeat is not known to this callee' },
    ],
  ])('the answer %s to a heartbeat', async (answer, expected) => {
    await using system = await served(() => ({
      body: { answer: `HEARTBEAT_ANSWER_${answer}`, detail: 'why' },
    }));
    expect(await system.target.beat(token, {}, within)).toEqual(expected);
  });

  test.each<[{ status: number; code: string; errorCode?: string }, string]>([
    [{ status: 400, code: 'invalid_argument', errorCode: 'TOKEN_TAMPERED' }, 'malformed'],
    [{ status: 400, code: 'invalid_argument', errorCode: 'TOKEN_KEY_UNKNOWN' }, 'denied'],
    [{ status: 400, code: 'invalid_argument' }, 'malformed'],
    [{ status: 400, code: 'invalid_argument', errorCode: 'HAND_OFF_TIMEOUT' }, 'malformed'],
    [{ status: 403, code: 'permission_denied' }, 'denied'],
    [{ status: 401, code: 'unauthenticated' }, 'denied'],
    [{ status: 429, code: 'resource_exhausted' }, 'unreachable'],
    [{ status: 503, code: 'unavailable' }, 'unreachable'],
    [{ status: 501, code: 'unimplemented' }, 'unreachable'],
    [{ status: 500, code: 'internal' }, 'unreachable'],
  ])('the error %j', async ({ status, code, errorCode }, kind) => {
    const headers = errorCode === undefined ? {} : { 'error-code': errorCode };
    await using system = await served(() => ({ status, headers, body: { code, message: 'why' } }));
    expect(await system.target.send(token, completed, within)).toMatchObject({ kind, detail: 'why' });
  });

  test.each<[string, ScriptedReply | undefined]>([
    ['a page of a proxy', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a page that says OK', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['JSON that breaks off', { body: '{"verdict":' }],
    ['another message', { body: { verdict: { no: 'enum' } } }],
    ['an error of another kind', { status: 404, body: { error: 'no such route' } }],
    ['more than 64 KiB', { body: { detail: 'x'.repeat(64 * 1024) } }],
    ['nothing', undefined],
  ])('%s is no answer, and the outcome may have been taken', async (_, reply) => {
    await using system = await served(() => reply);
    const answer = await system.target.send(token, completed, within);
    expect(answer).toMatchObject({ kind: 'unreachable' });
    expect(answer).not.toHaveProperty('notSent');
  });

  test('what came with a NOT_FOUND answers the question that follows, without another request', async () => {
    const body = { verdict: 'CALLBACK_VERDICT_CALLER_GONE', wait: 'WAIT_STATE_CLOSED_OTHERWISE' };
    await using system = await served(() => ({ body }));
    await system.target.send(token, completed, within);
    expect(await system.target.look(token, within)).toEqual({ kind: 'closed', by: 'other' });
    expect(system.server.requests).toHaveLength(1);
  });

  test.each([
    ['WAIT_STATE_PENDING', { kind: 'pending' }],
    ['WAIT_STATE_CLOSED_BY_CALLEE', { kind: 'closed', by: 'us' }],
    ['WAIT_STATE_CLOSED_BY_WORKER', { kind: 'closed', by: 'worker' }],
    ['WAIT_STATE_CLOSED_OTHERWISE', { kind: 'closed', by: 'other' }],
    ['WAIT_STATE_CLOSED', { kind: 'history_not_allowed' }],
    ['WAIT_STATE_NOT_ALLOWED', { kind: 'asking_not_allowed' }],
    ['WAIT_STATE_NO_ANSWER', { kind: 'no_answer' }],
    ['WAIT_STATE_OF_TOMORROW', { kind: 'no_answer' }],
  ])('the state %s', async (wait, look) => {
    await using system = await served(() => ({ body: { wait } }));
    expect(await system.target.look(token, within)).toEqual(look);
  });
});

describe('where it goes', () => {
  test('a redirect is denied and not followed', async () => {
    const delivered = { body: { verdict: 'CALLBACK_VERDICT_DELIVERED' } };
    await using elsewhere = await startCallbackServer(() => delivered);
    const headers = { location: `${elsewhere.origin}/tokenhandshake.v1.CallbackService/Complete` };
    await using system = await served(() => ({ status: 307, headers }));
    const { target, server } = system;
    expect(await target.send(token, completed, within)).toMatchObject({ kind: 'denied' });
    expect(await target.beat(token, {}, within)).toMatchObject({ kind: 'denied' });
    expect(await target.check(sealed, within)).toMatchObject({ kind: 'denied' });
    expect(server.requests).toHaveLength(3);
    expect(elsewhere.requests).toEqual([]);
  });

  test('a name that leads to this machine is denied without a connection', async () => {
    await using system = await served(() => ({}), { allowPrivateAddresses: false });
    const answer = await system.target.send(token, completed, within);
    expect(answer).toMatchObject({
      kind: 'denied',
      detail: expect.stringContaining('not of the public internet'),
    });
    expect(system.server.connections).toBe(0);
  });

  test('a name is checked at the moment of connecting, and with all of its addresses', async () => {
    const answers = [['8.8.8.8', '10.0.0.1'], ['169.254.169.254'], ['::1', '2606:4700:4700::1111']];
    const target = new HttpsTarget({
      origin: 'https://rebound.example',
      resolve: (_, callback) => {
        const addresses = (answers.shift() ?? []).map((address) => ({
          address,
          family: address.includes(':') ? 6 : 4,
        }));
        callback(null, addresses);
      },
    });
    for (let i = 0; i < 3; i += 1) {
      expect(await target.send(token, completed, within)).toMatchObject({ kind: 'denied' });
    }
    expect(await target.send(token, completed, within)).toMatchObject({ kind: 'unreachable', notSent: true });
    await target.close();
  });

  test.each(['https://127.0.0.1:1', 'https://[::1]:1', 'https://[::ffff:127.0.0.1]:1', 'https://10.0.0.1'])(
    'an address that is written out is denied: %s',
    async (origin) => {
      const target = new HttpsTarget({ origin: new URL(origin).origin });
      expect(await target.send(token, completed, within)).toMatchObject({ kind: 'denied' });
      await target.close();
    },
  );

  test.each([
    'http://caller.example',
    'https://caller.example/',
    'https://caller.example/path',
    'https://Caller.example',
    'https://caller.example:443',
    'https://user@caller.example',
    'caller.example',
  ])('%s is no exact origin', (origin) => {
    expect(() => new HttpsTarget({ origin })).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  test('a certificate that nobody trusts is unreachable, and certainly nothing was sent', async () => {
    await using server = await startCallbackServer(() => ({}));
    const target = new HttpsTarget({ origin: server.origin, allowPrivateAddresses: true });
    expect(await target.send(token, completed, within)).toMatchObject({ kind: 'unreachable', notSent: true });
    expect(await target.isReachable(within)).toBe(false);
    expect(server.requests).toEqual([]);
    await target.close();
  });

  test('a service that went away after it was known has certainly not got what follows', async () => {
    const server = await startCallbackServer(() => ({
      headers: { connection: 'close' },
      body: { verdict: 'CALLBACK_VERDICT_DELIVERED' },
    }));
    const target = targetOf(server);
    for (let i = 0; i < 2; i += 1)
      expect(await target.send(token, completed, within)).toEqual({ kind: 'ok' });
    await server[Symbol.asyncDispose]();
    // The session is there to be resumed, and says nothing about whether a connection is.
    expect(await target.send(token, completed, within)).toMatchObject({ kind: 'unreachable', notSent: true });
    await target.close();
  });

  test('a service that goes away as it gets an outcome may have taken it, whatever becomes of the second try', async () => {
    let gone: PromiseLike<void> | undefined;
    const server = await startCallbackServer(({ path }) => {
      if (path.endsWith('/Complete')) return { body: { verdict: 'CALLBACK_VERDICT_DELIVERED' } };
      gone = server[Symbol.asyncDispose]();
      return undefined;
    });
    const target = targetOf(server);
    expect(await target.send(token, completed, within)).toEqual({ kind: 'ok' });
    const answer = await target.send(token, { cancelled: null }, within);
    expect(answer).toEqual({ kind: 'unreachable', detail: expect.stringContaining('ECONNREFUSED') });
    expect(server.requests).toHaveLength(2);
    await gone;
    await target.close();
  });

  test('a service that takes too long is unreachable', async () => {
    const { promise: never } = Promise.withResolvers<undefined>();
    await using server = await startCallbackServer(() => never);
    const target = targetOf(server, { timeoutMs: 200 });
    expect(await target.send(token, completed, within)).toEqual({
      kind: 'unreachable',
      detail: 'no answer within 200 ms',
    });
    await target.close();
  });

  test('it is reachable if its service refuses an empty request, and not if something else answers', async () => {
    await using service = await served(() => ({ status: 400, body: { code: 'invalid_argument' } }));
    await using other = await served(() => ({ status: 502, body: 'bad gateway' }));
    expect(await service.target.isReachable(within)).toBe(true);
    expect(await other.target.isReachable(within)).toBe(false);
  });
});
