import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userCallId } from '@token-handshake/core';
import { agent, echo, eventually, type System, startSystem } from '@token-handshake/test-kit';
import {
  resealedToken,
  sealedToken,
  swappedHeader,
  type TokenForge,
  tokenForge,
} from '@token-handshake/test-kit/tokens';

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

  test.each<[string, (forge: TokenForge) => Promise<Uint8Array> | Uint8Array, string]>([
    ['garbage', () => new TextEncoder().encode('garbage'), 'TOKEN_UNREADABLE'],
    ['binary garbage', () => Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256), 'TOKEN_UNREADABLE'],
    ['a raw task token', (f) => f.taskToken, 'RAW_TOKEN_REFUSED'],
    ['a truncated token', async (f) => (await sealedToken(f, {})).slice(0, -9), 'TOKEN_UNREADABLE'],
    ['a flipped bit', async (f) => flipped(await sealedToken(f, {})), 'TOKEN_TAMPERED'],
    ['a key nobody knows', (f) => sealedToken(f, { strangeKey: true }), 'TOKEN_KEY_UNKNOWN'],
    ['the header of another token', (f) => swappedHeader(f), 'TOKEN_TAMPERED'],
    [
      'a header without the fingerprint',
      (f) => resealedToken(f, { header: { fp: undefined } }),
      'TOKEN_HEADER_INVALID',
    ],
    [
      'a header whose deadline is no time',
      (f) => resealedToken(f, { header: { exp: 'soon' } }),
      'TOKEN_HEADER_INVALID',
    ],
    [
      'another encryption',
      (f) => resealedToken(f, { header: { enc: 'A128GCM' }, keyBytes: 16 }),
      'TOKEN_ALGORITHM_REFUSED',
    ],
    ['compression', (f) => resealedToken(f, { header: { zip: 'DEF' } }), 'TOKEN_ALGORITHM_REFUSED'],
    ['claims of another version', (f) => resealedToken(f, { claims: { v: 2 } }), 'TOKEN_VERSION_UNKNOWN'],
    [
      'claims without a call',
      (f) => resealedToken(f, { claims: { call: undefined } }),
      'TOKEN_CLAIMS_INVALID',
    ],
    [
      'claims that disagree with the header',
      (f) => resealedToken(f, { header: { exp: Date.now() + 3_600_000 } }),
      'TOKEN_CLAIMS_INVALID',
    ],
    [
      'claims that disagree with the task token',
      (f) => resealedToken(f, { claims: { wid: 'another' } }),
      'TOKEN_CLAIMS_INVALID',
    ],
    ['another audience', (f) => sealedToken(f, { audience: 'someone-else' }), 'TOKEN_WRONG_AUDIENCE'],
    [
      'a target that is not configured',
      (f) => sealedToken(f, { target: 'temporal:elsewhere' }),
      'TOKEN_WRONG_TARGET',
    ],
    [
      'another namespace',
      (f) => sealedToken(f, { namespaceId: '00000000-0000-0000-0000-000000000000' }),
      'TOKEN_WRONG_NAMESPACE',
    ],
    [
      'an activity type that is not allowed',
      (f) => sealedToken(f, { activityType: 'payments/refund' }),
      'TOKEN_ACTIVITY_NOT_ALLOWED',
    ],
    ['a deadline that has passed', (f) => sealedToken(f, { exp: Date.now() - 10 * 60_000 }), 'TOKEN_EXPIRED'],
  ])('E12 %s', async (_name, make, code) => {
    const before = counts();
    const error = await create(await make(forge)).then(
      () => undefined,
      (reason: unknown) => ConnectError.from(reason),
    );
    expect([error && Code[error.code], error?.metadata.get('error-code')]).toEqual(['InvalidArgument', code]);
    // The message says what to do, and nothing that would help to make a token that passes.
    expect(error?.rawMessage.length).toBeGreaterThan(20);
    for (const fact of [forge.namespaceId, ...forge.keyRing.kids(), 'stigmer/call-agent']) {
      expect(error?.rawMessage).not.toContain(fact);
    }
    expect(counts()).toEqual(before);
  });

  test('E12 more than 8 KiB', async () => {
    const before = counts();
    const error = ConnectError.from(
      await create(new Uint8Array(8_193).fill(65)).catch((reason: unknown) => reason),
    );
    // Refused by the rule of the field, before anything looks at it.
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toMatch(/callback_token.*8192/);
    expect(counts()).toEqual(before);
  });

  test('E12 an idempotency key that names another call than the token', async () => {
    const before = counts();
    const token = await sealedToken(forge, { activityId: 'another' });
    const error = ConnectError.from(await create(token, 'f'.repeat(64)).catch((reason: unknown) => reason));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.metadata.get('error-code')).toBe('TOKEN_CALL_MISMATCH');
    expect(counts()).toEqual(before);
  });

  test('E12 a token that is bound to another call', async () => {
    const wait = { workflowId: 'one-wait', runId: crypto.randomUUID() };
    await create(await sealedToken(forge, wait));
    const before = counts();
    const token = await sealedToken(forge, { ...wait, callId: userCallId('another-call') });
    const error = ConnectError.from(await create(token).catch((reason: unknown) => reason));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.metadata.get('error-code')).toBe('TOKEN_REUSED');
    expect(counts()).toEqual(before);
  });

  test('E12 no workflow was started but those of the executions that were taken', async () => {
    // One more after all the refusals, so that what they might have started had its time to be listed.
    await create(await sealedToken(forge, {}));
    const taken = system.query<{ id: string }>('select id from executions').map(({ id }) => id);
    const started = await eventually(
      async () => {
        const ids = await executionWorkflows();
        return taken.every((id) => ids.includes(id)) && ids;
      },
      { what: 'the workflows of the executions that were taken to be listed' },
    );
    expect(started.toSorted()).toEqual(taken.toSorted());
  });

  async function executionWorkflows(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of system.temporal.workflow.list({
      query: "WorkflowType = 'stigmer/agent-execution'",
    })) {
      ids.push(workflowId);
    }
    return ids;
  }

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
