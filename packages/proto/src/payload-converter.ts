import {
  type DescMessage,
  fromBinary,
  fromJson,
  isMessage,
  type JsonValue,
  type Message,
  toJson,
} from '@bufbuild/protobuf';
import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  encodingKeys,
  encodingTypes,
  JsonPayloadConverter,
  METADATA_ENCODING_KEY,
  METADATA_MESSAGE_TYPE_KEY,
  type Payload,
  PayloadConverterError,
  type PayloadConverterWithEncoding,
  str,
  UndefinedPayloadConverter,
  u8,
  ValueError,
} from '@temporalio/common';
import { registry } from './registry.ts';

/**
 * Messages of this contract as `json/protobuf`, the encoding that the Python, Go and Java SDKs choose for
 * messages by default: the proto3 JSON mapping as text, and the message's full name in the metadata
 * `messageType`.
 *
 * It answers for messages of the contract's registry only, so that other values, and messages of other
 * contracts, reach the converters after it. When it decodes, unknown fields and enum names are ignored: a
 * newer peer can be read. Safe inside workflow code.
 */
export const protobufEsPayloadConverter: PayloadConverterWithEncoding = {
  encodingType: encodingTypes.METADATA_ENCODING_PROTOBUF_JSON,

  toPayload(value: unknown): Payload | undefined {
    const schema = schemaOf(value);
    if (schema === undefined) {
      return undefined;
    }
    return {
      metadata: {
        [METADATA_ENCODING_KEY]: encodingKeys.METADATA_ENCODING_PROTOBUF_JSON,
        [METADATA_MESSAGE_TYPE_KEY]: u8(schema.typeName),
      },
      data: u8(JSON.stringify(toJson(schema, value as Message, { registry }))),
    };
  },

  fromPayload<T>(payload: Payload): T {
    return decodeMessage(payload, (schema, data) =>
      fromJson(schema, JSON.parse(str(data)) as JsonValue, { registry, ignoreUnknownFields: true }),
    ) as T;
  },
};

/** Reads what a peer encoded as `binary/protobuf`; never encodes. */
const protobufEsBinaryReader: PayloadConverterWithEncoding = {
  encodingType: encodingTypes.METADATA_ENCODING_PROTOBUF,
  toPayload: () => undefined,
  fromPayload: <T>(payload: Payload) => decodeMessage(payload, fromBinary) as T,
};

/**
 * The SDK's default converter with messages of this contract added. The module can be given as
 * `dataConverter.payloadConverterPath` to a Client, a Worker, or a bundle of workflows.
 */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  protobufEsPayloadConverter,
  protobufEsBinaryReader,
  new JsonPayloadConverter(),
);

function schemaOf(value: unknown): DescMessage | undefined {
  return isMessage(value) ? registry.getMessage(value.$typeName) : undefined;
}

function decodeMessage(
  { metadata, data }: Payload,
  decode: (schema: DescMessage, data: Uint8Array) => Message,
): Message {
  const typeName = metadata?.[METADATA_MESSAGE_TYPE_KEY];
  if (typeName == null) {
    throw new ValueError(
      `Expected a payload with the metadata "${METADATA_MESSAGE_TYPE_KEY}", got one without: its sender must name the message`,
    );
  }
  const name = str(typeName);
  const schema = registry.getMessage(name);
  if (schema === undefined) {
    throw new PayloadConverterError(
      `Expected a message of the token handshake's contract, got "${name}": give this process a payload converter that knows it`,
    );
  }
  try {
    return decode(schema, ownBytes(data));
  } catch (error) {
    throw new ValueError(
      `Expected a payload that holds "${name}", got one that does not decode as it`,
      error,
    );
  }
}

/** The same bytes as an array of this realm: in a workflow's sandbox the payload comes from outside. */
function ownBytes(data: Uint8Array | null | undefined): Uint8Array {
  return data == null ? new Uint8Array() : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
