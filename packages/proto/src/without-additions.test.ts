import { clone, create, equals, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everyMessage } from '../testing/every-message.ts';
import { originalRegistry } from '../testing/original-registry.ts';
import { AgentExecutionSchema, AgentExecutionStatusSchema } from './agentexecution.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';
import { OnCallerGone } from './tokenhandshake.ts';
import { FIRST_ADDITION, withoutAdditions } from './without-additions.ts';

const original = originalRegistry();

describe('withoutAdditions', () => {
  test.each(everyMessage)(
    'leaves of %s what a strict reader of the existing system accepts',
    (name, schema) => {
      const strict = original.getMessage(name);
      if (strict === undefined) throw new Error(`expected "${name}" among the original descriptors`);

      fc.assert(
        fc.property(arbitraryMessage(schema), (message) => {
          const before = clone(schema, message);
          const copy = withoutAdditions(schema, message);

          const json = toJson(schema, copy);
          const read = fromJson(strict, json, { ignoreUnknownFields: false });
          expect(toJson(strict, read)).toEqual(json);

          const bytes = fromBinary(strict, toBinary(schema, copy));
          expect(bytes.$unknown).toBeUndefined();
          expect(toJson(strict, bytes)).toEqual(json);

          // What the existing system knows of the whole message is what the copy holds.
          const known = fromJson(strict, toJson(schema, message), { ignoreUnknownFields: true });
          expect(toJson(strict, known)).toEqual(json);

          expect(equals(schema, message, before)).toBe(true);
        }),
        { numRuns: 50 },
      );
    },
  );

  test('removes fields that nobody here knows, at every depth', () => {
    const future = { no: 7777, wireType: 0, data: new Uint8Array([1]) };
    const message = create(AgentExecutionSchema, { status: { messages: [{ content: 'hello' }] } });
    message.$unknown = [future];
    if (message.status?.messages[0] === undefined) throw new Error('expected a message');
    message.status.messages[0].$unknown = [future];

    const copy = withoutAdditions(AgentExecutionSchema, message);

    expect(copy.$unknown).toBeUndefined();
    expect(copy.status?.messages[0]?.$unknown).toBeUndefined();
    expect(copy.status?.messages[0]?.content).toBe('hello');
    expect(message.$unknown).toHaveLength(1);
  });

  test('removes exactly the additions of an execution', () => {
    const message = create(AgentExecutionSchema, {
      spec: {
        agentId: 'agt_1',
        message: 'hello',
        onCallerGone: OnCallerGone.DETACH,
        executionConfig: { modelName: 'small', temperature: 0 },
      },
      status: { error: 'no', output: 'text', failure: { type: 'T' }, truncated: { bytes: 1 } },
    });
    expect(toJson(AgentExecutionSchema, withoutAdditions(AgentExecutionSchema, message))).toEqual({
      spec: { agentId: 'agt_1', message: 'hello', executionConfig: { modelName: 'small' } },
      status: { error: 'no' },
    });
  });

  test('knows the number that additions begin with', () => {
    const additions = AgentExecutionStatusSchema.fields.filter(({ number }) => number >= FIRST_ADDITION);
    expect(additions.map(({ number, name }) => `${number} ${name}`)).toEqual([
      '100 output',
      '101 failure',
      '102 cancellation',
      '103 truncated',
      '104 callback',
      '105 revision',
    ]);
  });
});
