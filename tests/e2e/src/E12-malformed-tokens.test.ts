import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agent, echo, type System, startSystem } from '@token-handshake/test-kit';
import { sealedToken, type TokenForge, tokenForge } from './token-forge.ts';

describe('E12 a token that cannot be used is refused at create, and nothing is stored', () => {
  let system: System;
  let agentId: string;
  let forge: TokenForge;

  beforeAll(async () => {
    system = await startSystem({
      agents: [agent({ slug: 'echo', runtime: echo() })],
      services: ['stigmer'],
      env: { stigmer: { RAW_TOKENS: 'refuse' } },
    });
    const { metadata } = await system.stigmer.agents.getByReference({ slug: 'echo', kind: 40 });
    agentId = metadata?.id ?? '';
    forge = await tokenForge(system);
  });
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  const create = (callbackToken: Uint8Array, key?: string) =>
    system.stigmer.executionCommands.create(
      { metadata: { name: 'forged' }, spec: { agentId, message: 'hello', callbackToken } },
      key === undefined ? {} : { headers: { 'Idempotency-Key': key } },
    );

  test('E12 a well-formed token is taken, so that the refusals below mean something', async () => {
    const answer = await create(await sealedToken(forge, {}));
    expect(answer.metadata?.id).toMatch(/^aex_/);
  });

  test.each<[string, (forge: TokenForge) => Promise<Uint8Array> | Uint8Array, Code]>([
    ['garbage', () => new TextEncoder().encode('garbage'), Code.InvalidArgument],
    [
      'binary garbage',
      () => Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256),
      Code.InvalidArgument,
    ],
    ['a raw task token', (f) => f.taskToken, Code.InvalidArgument],
    ['a truncated token', async (f) => (await sealedToken(f, {})).slice(0, -9), Code.InvalidArgument],
    ['a flipped bit', async (f) => flipped(await sealedToken(f, {})), Code.InvalidArgument],
    ['a key nobody knows', (f) => sealedToken(f, { strangeKey: true }), Code.InvalidArgument],
    ['another audience', (f) => sealedToken(f, { audience: 'someone-else' }), Code.InvalidArgument],
    [
      'a target that is not configured',
      (f) => sealedToken(f, { target: 'temporal:elsewhere' }),
      Code.InvalidArgument,
    ],
    [
      'another namespace',
      (f) => sealedToken(f, { namespaceId: '00000000-0000-0000-0000-000000000000' }),
      Code.InvalidArgument,
    ],
    [
      'an activity type that is not allowed',
      (f) => sealedToken(f, { activityType: 'payments/refund' }),
      Code.InvalidArgument,
    ],
    [
      'a deadline that has passed',
      (f) => sealedToken(f, { exp: Date.now() - 10 * 60_000 }),
      Code.InvalidArgument,
    ],
    ['more than 8 KiB', () => new Uint8Array(8_193).fill(65), Code.InvalidArgument],
  ])('E12 %s', async (_name, make, code) => {
    const before = counts();
    const error = await create(await make(forge)).then(
      () => undefined,
      (reason: unknown) => ConnectError.from(reason),
    );
    expect(error && { code: Code[error.code] }).toEqual({ code: Code[code] });
    // The message says what to do, and shows no part of the token.
    expect(error?.rawMessage.length).toBeGreaterThan(20);
    expect(counts()).toEqual(before);
  });

  test('E12 an idempotency key that names another call than the token', async () => {
    const before = counts();
    const token = await sealedToken(forge, { activityId: 'another' });
    await expect(create(token, 'f'.repeat(64))).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(counts()).toEqual(before);
  });

  const counts = () =>
    system.query(
      'select (select count(*) from executions) executions, (select count(*) from calls) calls, ' +
        '(select count(*) from bindings) bindings',
    );
});

function flipped(token: Uint8Array): Uint8Array {
  const copy = token.slice();
  const at = copy.length - 5;
  // Another letter of the same alphabet, so that only the seal can tell.
  copy[at] = copy[at] === 65 ? 66 : 65;
  return copy;
}
