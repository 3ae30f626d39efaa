import {
  create,
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import { registry } from './registry.ts';

/**
 * A message in the proto3 JSON mapping: camelCase names, enum values by name, 64-bit integers as strings,
 * bytes in Base64, fields with their default value left out. It is a plain value, ready for
 * `JSON.stringify` and for the `json/plain` encoding of Temporal.
 */
export function toJsonValue<Desc extends DescMessage>(
  schema: Desc,
  message: MessageInitShape<Desc>,
): JsonValue {
  return toJson(schema, create(schema, message), { registry });
}

/**
 * The message that {@link toJsonValue} made a value of.
 *
 * Fields and enum names that this release does not know are ignored, so that a newer peer can be read.
 * Throws where a known field has a value of another type.
 */
export function fromJsonValue<Desc extends DescMessage>(schema: Desc, value: JsonValue): MessageShape<Desc> {
  return fromJson(schema, value, { registry, ignoreUnknownFields: true });
}
