import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equals, fromBinary, type Message } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from '@jest/globals';
import { type Payload, str, u8 } from '@temporalio/common';
import { everyMessage } from '../testing/every-message.ts';
import { payloadConverter } from './payload-converter.ts';

/** A message as Temporal's Python SDK encodes it, and its bytes. `vectors/make_vectors.py` makes them. */
interface Vector {
  name: string;
  metadata: { encoding: string; messageType: string };
  data: string;
  binary: string;
}

const folder = join(import.meta.dirname, '../vectors');
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Vector[]);

describe('against the Python SDK', () => {
  test.each(everyMessage)('%s is encoded and decoded alike', (typeName, schema) => {
    const ofThis = vectors.filter(({ metadata }) => metadata.messageType === typeName);
    expect(ofThis.length).toBeGreaterThanOrEqual(2);

    for (const { name, metadata, data, binary } of ofThis) {
      const message = fromBinary(schema, base64Decode(binary));
      const encoded = readable(payloadConverter.toPayload(message));
      expect({ name, ...encoded }).toEqual({ name, metadata, json: JSON.parse(data) });

      const decoded = payloadConverter.fromPayload<Message>(payloadOf({ metadata, data }));
      expect({ name, equal: equals(schema, decoded, message) }).toEqual({ name, equal: true });
    }
  });

  test('the vectors are of this contract: make them again after a change of it', () => {
    const known = new Set(everyMessage.map(([name]) => name));
    expect(vectors.filter(({ metadata }) => !known.has(metadata.messageType))).toEqual([]);
  });
});

function payloadOf({ metadata, data }: Pick<Vector, 'metadata' | 'data'>): Payload {
  return {
    metadata: { encoding: u8(metadata.encoding), messageType: u8(metadata.messageType) },
    data: u8(data),
  };
}

function readable({ metadata, data }: Payload): object {
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, str(value)])),
    json: JSON.parse(str(data ?? new Uint8Array())),
  };
}
