import {
  create,
  equals,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter, PayloadConverterError, str, u8, ValueError } from '@temporalio/common';
import fc from 'fast-check';
import { everyMessage } from '../testing/every-message.ts';
import {
  type AgentExecution,
  AgentExecutionSchema,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from './agentexecution.ts';
import { payloadConverter, protobufEsPayloadConverter } from './payload-converter.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';

const AGENT_EXECUTION = 'ai.stigmer.agentic.agentexecution.v1.AgentExecution';

describe('every message', () => {
  test.each(everyMessage)('%s comes back from bytes, from JSON text and from a payload', (name, schema) => {
    fc.assert(
      fc.property(arbitraryMessage(schema), (message) => {
        const text = JSON.stringify(toJson(schema, message));
        const payload = payloadConverter.toPayload(message);

        expect(equals(schema, fromBinary(schema, toBinary(schema, message)), message)).toBe(true);
        expect(equals(schema, fromJson(schema, JSON.parse(text) as JsonValue), message)).toBe(true);
        expect(equals(schema, payloadConverter.fromPayload<Message>(payload), message)).toBe(true);
        expect(metadataOf(payload)).toEqual({ encoding: 'json/protobuf', messageType: name });
        expect(str(payload.data ?? new Uint8Array())).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});

describe('payloadConverter', () => {
  test.each([
    [undefined],
    [null],
    ['text'],
    [3],
    [true],
    [[1, 'two']],
    [{ agentId: 'agt_1' }],
    [u8('bytes')],
  ])('encodes %j, which is no message, as the SDK does by default', (value) => {
    const payload = payloadConverter.toPayload(value);
    expect(payload).toEqual(defaultPayloadConverter.toPayload(value));
    expect(payloadConverter.fromPayload(payload)).toEqual(value);
  });

  test('writes camelCase and enum names, and leaves defaults out', () => {
    const status = create(AgentExecutionStatusSchema, {
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      startedAt: '2026-01-01T00:00:00Z',
    });
    expect(str(payloadConverter.toPayload(status).data ?? new Uint8Array())).toBe(
      '{"phase":"EXECUTION_COMPLETED","startedAt":"2026-01-01T00:00:00Z"}',
    );
  });

  test('reads what a newer peer sends, without the fields and enum names that are unknown here', () => {
    const message = payloadConverter.fromPayload<Message>({
      metadata: { encoding: u8('json/protobuf'), messageType: u8(`${AGENT_EXECUTION}Status`) },
      data: u8('{"error":"no","fromTheFuture":{"a":[1]},"phase":"EXECUTION_DREAMING"}'),
    });
    expect(message).toEqual(create(AgentExecutionStatusSchema, { error: 'no' }));
  });

  test('reads original field names as well as camelCase ones', () => {
    const message = payloadConverter.fromPayload<Message>({
      metadata: { encoding: u8('json/protobuf'), messageType: u8(AGENT_EXECUTION) },
      data: u8('{"api_version":"agentic.stigmer.ai/v1"}'),
    });
    expect(message).toEqual(create(AgentExecutionSchema, { apiVersion: 'agentic.stigmer.ai/v1' }));
  });

  test('reads a message that a peer sent in binary form', () => {
    const message = create(AgentExecutionSchema, { spec: { message: 'hello', callbackToken: u8('token') } });
    const read = payloadConverter.fromPayload<AgentExecution>({
      metadata: { encoding: u8('binary/protobuf'), messageType: u8(AGENT_EXECUTION) },
      data: toBinary(AgentExecutionSchema, message),
    });
    expect(equals(AgentExecutionSchema, read, message)).toBe(true);
  });

  test('reads an empty message from a payload without data', () => {
    const metadata = { encoding: u8('binary/protobuf'), messageType: u8(AGENT_EXECUTION) };
    expect(payloadConverter.fromPayload({ metadata })).toEqual(create(AgentExecutionSchema));
  });

  test('leaves messages of another contract to the converters after it', () => {
    expect(protobufEsPayloadConverter.toPayload({ $typeName: 'acme.v1.Thing' })).toBeUndefined();
    expect(protobufEsPayloadConverter.toPayload({ $typeName: 3 })).toBeUndefined();
  });

  test('refuses a payload that does not name its message', () => {
    const payload = { metadata: { encoding: u8('json/protobuf') }, data: u8('{}') };
    expect(() => payloadConverter.fromPayload(payload)).toThrow(ValueError);
    expect(() => payloadConverter.fromPayload(payload)).toThrow('messageType');
  });

  test('refuses a message that it does not know, by name', () => {
    const payload = {
      metadata: { encoding: u8('json/protobuf'), messageType: u8('acme.v1.Thing') },
      data: u8('{}'),
    };
    expect(() => payloadConverter.fromPayload(payload)).toThrow(PayloadConverterError);
    expect(() => payloadConverter.fromPayload(payload)).toThrow('"acme.v1.Thing"');
  });

  test.each(['{', '[]', '{"spec":3}', '{"metadata":{"name":{}}}'])(
    'refuses %s where a message is expected, and keeps the cause',
    (text) => {
      const payload = {
        metadata: { encoding: u8('json/protobuf'), messageType: u8(AGENT_EXECUTION) },
        data: u8(text),
      };
      expect(() => payloadConverter.fromPayload(payload)).toThrow(
        expect.objectContaining({
          message: expect.stringContaining(AGENT_EXECUTION),
          cause: expect.anything(),
        }),
      );
    },
  );
});

function metadataOf({ metadata }: { metadata?: Record<string, Uint8Array> | null }): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, str(value)]));
}
