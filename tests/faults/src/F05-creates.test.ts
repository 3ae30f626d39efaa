import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userCallId } from '@token-handshake/core';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import {
  type GrpcProxy,
  type StigmerClients,
  type System,
  startGrpcProxy,
  stigmerClients,
} from '@token-handshake/test-kit';
import { rawToken, sealedToken, type TokenForge, tokenForge } from '@token-handshake/test-kit/tokens';
import { ask, inTime, type Question, startFaultSystem } from './fault-system.ts';

const CREATE = 'AgentExecutionCommandController/create';

let rpc: GrpcProxy;
let system: System;
let forge: TokenForge;
/** With the credentials of the caller whose calls are repeated here. */
let asCaller: StigmerClients;
beforeAll(async () => {
  rpc = await startGrpcProxy();
  system = await startFaultSystem({
    through: { rpc },
    anonymousListener: true,
    env: { stigmer: { RAW_TOKENS: 'allow' } },
  });
  asCaller = stigmerClients(system.stack.service('stigmer').url, system.stack.keys.apiKeys.zigflow);
  forge = await tokenForge(system);
}, 240_000);
afterAll(async () => {
  asCaller?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
  await rpc?.[Symbol.asyncDispose]();
});

/** A call whose `create` is on its way, and what it says: a token of an activity that does wait. */
async function askHeld(): Promise<
  Disposable & { question: Question; request: AgentExecution; pass(): void }
> {
  let message: Buffer = Buffer.alloc(0);
  const held = rpc.hold(CREATE, {
    times: 1,
    when: (request) => {
      message = request;
      return true;
    },
  });
  const question = await ask(system);
  await inTime(() => held.holding === 1, 'the create to be held');
  const request = fromBinary(AgentExecutionSchema, message);
  const pass = () => held.end();
  return { question, request, pass, [Symbol.dispose]: pass };
}

async function expectAnswered(question: Question): Promise<void> {
  await question.answer('the answer');
  expect(await question.workflow.result()).toMatchObject({ status: { output: 'the answer' } });
  expect(question.runs()).toHaveLength(1);
  await inTime(() => question.call()?.state === 'delivered', 'the row to say so');
}

const create = (request: Partial<AgentExecution>, headers: Record<string, string> = {}) => {
  const { metadata, spec } = request as AgentExecution;
  return asCaller.executionCommands.create({ metadata: metadata as never, spec: spec as never }, { headers });
};

async function refusalOf(
  answer: Promise<unknown>,
): Promise<{ code: string; errorCode: string | null; message: string }> {
  const error = ConnectError.from(
    await answer.then(
      () => new Error('expected a refusal, but it was taken'),
      (reason: unknown) => reason,
    ),
  );
  return {
    code: Code[error.code] as string,
    errorCode: error.metadata.get('error-code'),
    message: error.rawMessage,
  };
}

const counts = () =>
  system.query(
    'select (select count(*) from executions) executions, (select count(*) from calls) calls, ' +
      '(select count(*) from bindings) bindings',
  );

test('F05 20 creates of one call at once, over 20 connections to two servers: one execution, one run, equal answers', async () => {
  const replica = await system.startReplica('stigmer');
  using held = await askHeld();
  const urls = [system.stack.service('stigmer').url, replica.url];
  const clients = Array.from({ length: 20 }, (_, i) =>
    stigmerClients(urls[i % 2] as string, system.stack.keys.apiKeys.zigflow),
  );
  const before = counts() as { executions: number }[];
  const { metadata, spec } = held.request;
  const answers = await Promise.all(
    clients.map(({ executionCommands }) =>
      executionCommands.create({ metadata: metadata as never, spec: spec as never }),
    ),
  );
  for (const client of clients) client[Symbol.dispose]();
  for (const answer of answers) {
    expect(answer.metadata).toEqual(answers[0]?.metadata);
    expect(answer.spec).toEqual(answers[0]?.spec);
  }
  // The caller's own create comes last, and finds it too.
  held.pass();
  expect((counts() as { executions: number }[])[0]?.executions).toBe((before[0]?.executions ?? 0) + 1);
  await held.question.running();
  expect(held.question.call()).toMatchObject({ id: answers[0]?.metadata?.id, generation: 1 });
  await expectAnswered(held.question);
  await replica.stop();
}, 240_000);

test('F20 tokens made of one that is waited for: each is refused by type, nothing is stored, and the good one works', async () => {
  using held = await askHeld();
  const { question, request } = held;
  const good = request.spec?.callbackToken ?? new Uint8Array();
  const segments = new TextDecoder().decode(good).split('.');
  const before = counts();
  const forged: [string, Uint8Array, string][] = [
    ['garbage', new TextEncoder().encode('garbage'), 'TOKEN_UNREADABLE'],
    ['a truncated token', good.slice(0, -9), 'TOKEN_UNREADABLE'],
    ['an expired one', await sealedToken(forge, { exp: Date.now() - 10 * 60_000 }), 'TOKEN_EXPIRED'],
    ['an unknown key', await sealedToken(forge, { strangeKey: true }), 'TOKEN_KEY_UNKNOWN'],
    ['a foreign target', await sealedToken(forge, { target: 'temporal:elsewhere' }), 'TOKEN_WRONG_TARGET'],
  ];
  // Of a compact JWE the header, the vector, the ciphertext and the tag; with `dir` there is no wrapped key.
  for (const i of [2, 3, 4]) forged.push([`segment ${i} changed`, changed(segments, i), 'TOKEN_TAMPERED']);
  for (const [name, token, errorCode] of forged) {
    const refusal = await refusalOf(
      create({
        ...request,
        spec: { ...(request.spec as AgentExecution['spec'] & object), callbackToken: new Uint8Array(token) },
      }),
    );
    expect([name, refusal.code, refusal.errorCode]).toEqual([name, 'InvalidArgument', errorCode]);
  }
  expect(counts()).toEqual(before);
  held.pass();
  await question.running();
  await expectAnswered(question);
}, 240_000);

/** The token with another first letter in one of its segments. */
function changed(segments: readonly string[], index: number): Uint8Array {
  const copy = segments.map((segment, i) =>
    i === index ? `${segment.startsWith('A') ? 'B' : 'A'}${segment.slice(1)}` : segment,
  );
  return new TextEncoder().encode(copy.join('.'));
}

test('F37 the same call comes with another body: the first one’s run is kept, and the difference is counted', async () => {
  using held = await askHeld();
  const { question, request } = held;
  const before = await differences();
  const { spec } = request as { spec: NonNullable<AgentExecution['spec']> };
  const first = await create(request);
  const other = await create({ ...request, spec: { ...spec, message: `${question.file}.other` } });
  expect(other.metadata?.id).toBe(first.metadata?.id);
  expect(other.spec?.message).toBe(question.file);
  expect(await differences()).toBe(before + 1);
  held.pass();
  await question.running();
  await expectAnswered(question);
}, 240_000);

async function differences(): Promise<number> {
  const metrics = await (await fetch(`${system.stack.service('stigmer').url}/metrics`)).text();
  return Number(/^stigmer_body_differences_total (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

test('F38 another principal, with the key and the token of a call: refused, and nothing is told of it', async () => {
  using held = await askHeld();
  const { question, request } = held;
  const { metadata } = await create(request);
  await question.running();
  const before = counts();
  // The operator may create too; its keys are not those of the caller.
  const { spec } = request as { spec: NonNullable<AgentExecution['spec']> };
  const stolen = await refusalOf(
    system.stigmer.executionCommands.create({ metadata: { name: 'stolen' }, spec: spec as never }),
  );
  expect(stolen).toMatchObject({ code: 'InvalidArgument', errorCode: 'TOKEN_REUSED' });
  for (const fact of [metadata?.id ?? '', question.workflow.workflowId, question.file]) {
    expect(stolen.message).not.toContain(fact);
  }
  expect(counts()).toEqual(before);
  held.pass();
  await expectAnswered(question);
}, 240_000);

test('F38 another principal, with the key of a call without a token: it gets a call of its own', async () => {
  const { metadata: file } = await asCaller.agents.getByReference({ slug: 'file', kind: 40 });
  const createdBy = ({ executionCommands }: StigmerClients, message: string) =>
    executionCommands.create(
      {
        metadata: { name: message },
        spec: { agentId: file?.id ?? '', message: join(system.folder, message) },
      },
      { headers: { 'Idempotency-Key': 'a-known-key' } },
    );
  const first = await createdBy(asCaller, 'first');
  const other = await createdBy(system.stigmer, 'other');
  expect((await createdBy(asCaller, 'first')).metadata?.id).toBe(first.metadata?.id);
  expect(other.metadata?.id).not.toBe(first.metadata?.id);
  expect(other).toMatchObject({
    metadata: { name: 'other' },
    spec: { message: join(system.folder, 'other') },
  });
  for (const { metadata } of [first, other]) {
    await system.stigmer.executionCommands.cancel({ executionId: metadata?.id ?? '' });
  }
}, 240_000);

test('F38 a token in a second execution: refused, and nothing is told of the first', async () => {
  using held = await askHeld();
  const { question, request } = held;
  const { metadata } = await create(request);
  await question.running();
  const before = counts();
  const reused = await refusalOf(create(request, { 'Idempotency-Key': userCallId('another-call') }));
  expect(reused).toMatchObject({ code: 'InvalidArgument', errorCode: 'TOKEN_CALL_MISMATCH' });
  for (const fact of [metadata?.id ?? '', question.workflow.workflowId, question.file]) {
    expect(reused.message).not.toContain(fact);
  }
  expect(counts()).toEqual(before);
  held.pass();
  await expectAnswered(question);
}, 240_000);

describe('F39 a raw token', () => {
  let anonymous: StigmerClients;
  beforeAll(() => {
    anonymous = stigmerClients(`http://${system.anonymousAddress}`);
  });
  afterAll(() => {
    anonymous?.[Symbol.dispose]();
  });

  const spec = async (callbackToken: Uint8Array) => {
    const { metadata } = await system.stigmer.agents.getByReference({ slug: 'file', kind: 40 });
    return { agentId: metadata?.id ?? '', message: 'hello', callbackToken: new Uint8Array(callbackToken) };
  };

  test.each([
    [
      'F39 of another activity type is refused',
      { activityType: 'payments/refund' },
      'TOKEN_ACTIVITY_NOT_ALLOWED',
    ],
    [
      'F39 of another namespace id is refused',
      { namespaceId: '00000000-0000-0000-0000-000000000000' },
      'TOKEN_WRONG_NAMESPACE',
    ],
  ])('%s', async (_name, claims, errorCode) => {
    const before = counts();
    const token = await spec(rawToken(forge, claims));
    const refusal = await refusalOf(
      anonymous.executionCommands.create({ metadata: { name: 'raw' }, spec: token }),
    );
    expect(refusal).toMatchObject({ code: 'InvalidArgument', errorCode });
    expect(refusal.message).not.toContain(forge.namespaceId);
    expect(counts()).toEqual(before);
  });

  test('F39 without either fault passes these checks: that nobody waits is all that is wrong with it', async () => {
    const token = await spec(rawToken(forge));
    const refusal = await refusalOf(
      anonymous.executionCommands.create({ metadata: { name: 'raw' }, spec: token }),
    );
    expect(refusal).toMatchObject({ code: 'InvalidArgument', errorCode: 'TOKEN_EXPIRED' });
  });
});
