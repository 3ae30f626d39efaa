import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import fc from 'fast-check';
import type { JsonObject } from '../../json.ts';
import type { Outcome } from '../../outcome.ts';
import { outcomeOf } from './outcome-of.ts';
import { project } from './project.ts';
import { MAX_RESULT_BYTES } from './trim.ts';

const MIB = 1024 * 1024;
const { EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_CANCELLED } = ExecutionPhase;

type Status = Exclude<MessageInitShape<typeof AgentExecutionStatusSchema>, { $typeName: unknown }>;

function execution(
  status: Status,
  spec: MessageInitShape<typeof AgentExecutionSchema>['spec'] = {},
): AgentExecution {
  return create(AgentExecutionSchema, { metadata: { id: 'aex_1', name: 'summarize-1' }, spec, status });
}

function completed(status: Status): JsonObject {
  const outcome = outcomeOf(execution({ phase: EXECUTION_COMPLETED, ...status }));
  if (!outcome || !('completed' in outcome)) throw new Error('expected a completed outcome');
  return outcome.completed as JsonObject;
}

function failed(status: Status): Extract<Outcome, { failed: unknown }>['failed'] {
  const outcome = outcomeOf(execution({ phase: EXECUTION_FAILED, ...status }));
  if (!outcome || !('failed' in outcome)) throw new Error('expected a failed outcome');
  return outcome.failed;
}

const statusOf = (result: JsonObject) => result['status'] as JsonObject;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const system = (content: string) => ({ type: MessageType.MESSAGE_SYSTEM, content });
const ai = (content: string) => ({ type: MessageType.MESSAGE_AI, content });

describe('what an execution comes to', () => {
  test.each([
    ['without a status', undefined],
    ['unspecified', ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED],
    ['pending', ExecutionPhase.EXECUTION_PENDING],
    ['in progress', ExecutionPhase.EXECUTION_IN_PROGRESS],
    ['in a phase of a later release', 42 as ExecutionPhase],
  ])('one %s has no outcome yet', (_name, phase) => {
    const status = phase === undefined ? {} : { status: { phase } };
    expect(outcomeOf(create(AgentExecutionSchema, status))).toBeUndefined();
  });

  test('a completed one is its execution in proto3 JSON, with the answer in its own field', () => {
    expect(
      completed({ messages: [ai('draft'), ai('done'), system('bye')], startedAt: '2026-01-01' }),
    ).toEqual({
      metadata: { id: 'aex_1', name: 'summarize-1' },
      spec: {},
      status: {
        phase: 'EXECUTION_COMPLETED',
        messages: [
          { type: 'MESSAGE_AI', content: 'draft' },
          { type: 'MESSAGE_AI', content: 'done' },
          { type: 'MESSAGE_SYSTEM', content: 'bye' },
        ],
        startedAt: '2026-01-01',
        output: 'done',
      },
    });
  });

  test('an answer that the runner gave is kept', () => {
    expect(statusOf(completed({ output: 'short', messages: [ai('long')] }))['output']).toBe('short');
  });

  test('a failure in full is told in full, but never as retryable: its call would only get it again', () => {
    const failure = {
      type: 'RateLimited',
      message: 'slow down',
      details: [
        { kind: { case: 'stringValue' as const, value: 'x' } },
        { kind: { case: 'numberValue' as const, value: Number.NaN } },
        {},
      ],
      retryable: true,
    };
    expect(failed({ failure })).toEqual({
      type: 'RateLimited',
      message: 'slow down',
      details: ['x', null, null],
      retryable: false,
    });
    expect(project(execution({ phase: EXECUTION_FAILED, failure })).status?.failure?.retryable).toBe(true);
  });

  test.each<[string, Status, string]>([
    ['its error', { error: 'out of memory', messages: [system('stopped')] }, 'out of memory'],
    [
      'its last system message',
      { error: ' ', messages: [system('first'), system('no model'), ai('?')] },
      'no model',
    ],
    ['nothing', {}, 'The agent execution failed and gave no reason.'],
  ])('a failure with only %s is a failure with that reason', (_name, status, message) => {
    expect(failed(status)).toEqual({ type: 'AgentExecutionFailed', message, details: [], retryable: false });
  });

  test('a cancelled one says who asked for it', () => {
    const outcome = outcomeOf(
      execution({ phase: EXECUTION_CANCELLED, cancellation: { cause: 'api', message: 'wrong document' } }),
    );
    expect(outcome).toEqual({ cancelled: { cause: 'api', message: 'wrong document' } });
    expect(outcomeOf(execution({ phase: EXECUTION_CANCELLED }))).toEqual({ cancelled: { cause: 'unknown' } });
  });
});

describe('what a caller must not see', () => {
  test('tokens, secret values and the state of the callback are taken out; the stored execution keeps them', () => {
    const stored = execution(
      {
        phase: EXECUTION_COMPLETED,
        callbackToken: new Uint8Array([1]),
        callback: { state: 'open', fingerprint: 'abcdefabcdef' },
      },
      {
        callbackToken: new Uint8Array([2]),
        runtimeEnv: { KEY: { value: 'hunter2', isSecret: true }, REGION: { value: 'eu' } },
      },
    );
    const outcome = outcomeOf(stored);
    expect(JSON.stringify(outcome)).not.toMatch(/hunter2|callbackToken|abcdefabcdef/);
    expect((outcome as { completed: JsonObject }).completed['spec']).toEqual({
      runtimeEnv: { KEY: { isSecret: true }, REGION: { value: 'eu' } },
    });
    expect(stored.spec?.callbackToken).toHaveLength(1);
    expect(stored.spec?.runtimeEnv['KEY']?.value).toBe('hunter2');
    expect(stored.status?.callback?.state).toBe('open');
  });
});

describe('what is too large', () => {
  const text = (mib: number, letter = 'x') => letter.repeat(mib * MIB);

  test('results of tool calls go first, the oldest before the newer, and the rest stays', () => {
    const result = completed({
      toolCalls: [
        { id: 'a', result: text(1) },
        { id: 'b', result: 'kept' },
      ],
      messages: [ai('hi'), { type: MessageType.MESSAGE_TOOL, toolCalls: [{ id: 'c', result: text(1) }] }],
      subAgentExecutions: [{ id: 's', output: text(1) }],
      output: 'answer',
    });
    const status = statusOf(result);
    expect(bytesOf(result)).toBeLessThanOrEqual(MAX_RESULT_BYTES);
    expect(status).toMatchObject({
      output: 'answer',
      toolCalls: [{ id: 'a' }, { id: 'b' }],
      messages: [{ content: 'hi' }, { toolCalls: [{ id: 'c' }] }],
      subAgentExecutions: [{ id: 's', output: text(1) }],
    });
    expect(status['truncated']).toEqual({
      bytes: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((status['truncated'] as { bytes: number }).bytes).toBeGreaterThan(3 * MIB);
  });

  test('then outputs of sub-agents, then messages from the oldest', () => {
    const status = statusOf(
      completed({
        subAgentExecutions: [{ id: 's', output: text(1) }],
        messages: [ai(text(1, 'a')), ai(text(1, 'b')), ai('last')],
        output: 'answer',
      }),
    );
    expect(status['subAgentExecutions']).toEqual([{ id: 's' }]);
    expect((status['messages'] as { content: string }[]).map(({ content }) => content[0])).toEqual([
      'b',
      'l',
    ]);
    expect(status['output']).toBe('answer');
  });

  test.each([1.9, 2.1, 4.1, 20])(
    'an output of %d MB is cut at its end, and its size and digest are told',
    (mb) => {
      const result = completed({ output: 'é'.repeat((mb * MIB) / 2), messages: [ai('é')] });
      const status = statusOf(result);
      expect(bytesOf(result)).toBeLessThanOrEqual(MAX_RESULT_BYTES);
      expect(bytesOf(result)).toBeGreaterThan(MAX_RESULT_BYTES - 4_096);
      expect(result['metadata']).toMatchObject({ id: 'aex_1' });
      expect((status['truncated'] as { bytes: number }).bytes).toBeGreaterThan(mb * MIB);
    },
  );

  test('what only describes the run goes before the answer does', () => {
    const todos = Object.fromEntries(
      Array.from({ length: 3 }, (_, i) => [`t${i}`, { id: `t${i}`, content: text(1) }]),
    );
    expect(statusOf(completed({ todos, output: 'answer' }))).toMatchObject({ output: 'answer' });
  });

  test('a reason stays when the message that held it is trimmed', () => {
    const outcome = failed({ messages: [ai(text(4)), system('no model'), ai(text(4))] });
    expect(outcome).toMatchObject({ message: 'no model' });
  });

  test('a failure is bounded as a whole: its message is cut, its details are dropped', () => {
    const value = { kind: { case: 'stringValue' as const, value: text(3) } };
    const outcome = failed({ failure: { type: 'Big', message: text(3), details: [value] } });
    expect(outcome).toMatchObject({ type: 'Big', details: [] });
    expect(bytesOf(outcome)).toBeLessThan(70_000);
  });
});

describe('the answer to create and the completion by token', () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 12 });
  const loneSurrogates = fc.string({
    unit: fc.constantFrom('a', '\ud800', '\udc00', '😀', '"', '\n'),
    maxLength: 6,
  });
  const sized = fc.oneof(
    { weight: 40, arbitrary: words },
    { weight: 6, arbitrary: loneSurrogates },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 500_000 }).map((n) => '"é'.repeat(n)) },
  );
  const json = fc.dictionary(words, fc.oneof(words, fc.double(), fc.boolean(), fc.constant(null)), {
    maxKeys: 3,
  });
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
  const toolCall = fc.record({ id: words, name: words, result: sized, args: json }, { requiredKeys: ['id'] });
  const message = fc.record(
    {
      type: fc.constantFrom(MessageType.MESSAGE_AI, MessageType.MESSAGE_SYSTEM, MessageType.MESSAGE_TOOL),
      content: sized,
      toolCalls: list(toolCall),
      metadata: json,
    },
    { requiredKeys: ['type'] },
  );
  const value = fc.oneof(
    words.map((text) => ({ kind: { case: 'stringValue' as const, value: text } })),
    fc.double().map((number) => ({ kind: { case: 'numberValue' as const, value: number } })),
    fc.constant({}),
  );
  const failure = fc.record(
    { type: words, message: sized, details: list(value), retryable: fc.boolean() },
    { requiredKeys: [] },
  );
  const status: fc.Arbitrary<Status> = fc.record(
    {
      phase: fc.constantFrom(EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_CANCELLED),
      messages: list(message),
      toolCalls: list(toolCall),
      subAgentExecutions: list(fc.record({ id: words, output: sized, input: words, metadata: json })),
      todos: fc.dictionary(words, fc.record({ id: words, content: sized }), { maxKeys: 3 }),
      output: sized,
      error: sized,
      failure,
      cancellation: fc.record({ cause: words, message: sized }),
      callback: fc.record({ state: words }),
    },
    { requiredKeys: ['phase'] },
  );
  const overTheWire = (x: AgentExecution) =>
    fromBinary(AgentExecutionSchema, toBinary(AgentExecutionSchema, x));

  test('give byte-equal outcomes, for every phase, size and shape of error', () => {
    const run = fc.check(
      fc.property(status, fc.boolean(), (given, isSecret) => {
        const stored = execution(given, { runtimeEnv: { A: { value: 'secret value', isSecret } } });
        const byToken = outcomeOf(stored);
        const byAck = outcomeOf(overTheWire(project(stored)));
        // Texts of megabytes are compared, but not printed.
        expect(JSON.stringify(byAck) === JSON.stringify(byToken)).toBe(true);
        expect(bytesOf(Object.values(byToken ?? {})[0])).toBeLessThanOrEqual(MAX_RESULT_BYTES);
        if (isSecret) expect(JSON.stringify(byToken).includes('secret value')).toBe(false);
      }),
      { numRuns: 150, endOnFailure: true },
    );
    if (!run.failed) return;
    throw new Error(`seed ${run.seed}, path "${run.counterexamplePath}"`, { cause: run.errorInstance });
  }, 120_000);
});
