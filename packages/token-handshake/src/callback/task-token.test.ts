import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HandshakeError } from '../handshake-error.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import { parseTaskToken } from './task-token.ts';

describe('a task token', () => {
  test('is read field by field', () => {
    const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    const content = fc.record({
      namespaceId: text,
      workflowId: text,
      runId: text,
      scheduledEventId: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
      attempt: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      activityId: text,
      activityType: text,
      workflowType: text,
    });
    fc.assert(fc.property(content, (given) => expect(parseTaskToken(encodeTaskToken(given))).toEqual(given)));
  });

  test('may carry fields that are not needed, and that a newer server adds', () => {
    const more = new BinaryWriter()
      .uint32(0x4a)
      .string('clock')
      .uint32(0x50)
      .int64(6n)
      .uint32(0x7a)
      .string('new')
      .finish();
    expect(parseTaskToken(Buffer.concat([encodeTaskToken(), more]))).toMatchObject({
      workflowId: 'workflow-1',
    });
  });

  test.each(['namespaceId', 'workflowId', 'runId', 'activityId', 'activityType'])(
    'without "%s" is refused',
    (name) => {
      expect(() => parseTaskToken(encodeTaskToken({ [name]: '' }))).toThrow(HandshakeError);
    },
  );

  test.each([{ attempt: 0 }, { attempt: -1 }, { scheduledEventId: 0n }, { scheduledEventId: -1n }])(
    'with %p is refused',
    (content) => {
      expect(() => parseTaskToken(encodeTaskToken(content))).toThrow(HandshakeError);
    },
  );

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('a task token')],
    [
      'a field of another wire type',
      Buffer.concat([encodeTaskToken(), new BinaryWriter().uint32(0x08).int32(1).finish()]),
    ],
    ['text that is not UTF-8', Buffer.concat([encodeTaskToken(), Buffer.from([0x0a, 1, 0xff])])],
    ['a length past the end', Buffer.concat([encodeTaskToken(), Buffer.from([0x0a, 100])])],
  ])('of %s is refused', (_name, bytes) => {
    expect(() => parseTaskToken(bytes)).toThrow(HandshakeError);
  });

  test('cut off or made of any bytes is refused with the one error, or read', () => {
    const token = encodeTaskToken();
    const cut = fc.nat({ max: token.length - 1 }).map((length) => token.slice(0, length));
    fc.assert(
      fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(() => parseTaskToken(bytes)).toThrow(HandshakeError);
      }),
      { numRuns: 1_000 },
    );
  });
});
