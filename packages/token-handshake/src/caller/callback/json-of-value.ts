import type { Value } from '@bufbuild/protobuf/wkt';
import type { JsonValue } from '../../json.ts';

/** A value of the contract as JSON. One that is not there, has no kind, or is no number of JSON, is null. */
export function jsonOfValue(value: Value | undefined): JsonValue {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'numberValue':
      return Number.isFinite(kind.value) ? kind.value : null;
    case 'listValue':
      return kind.value.values.map(jsonOfValue);
    case 'structValue':
      return Object.fromEntries(
        Object.entries(kind.value.fields).map(([key, field]) => [key, jsonOfValue(field)]),
      );
    case 'nullValue':
    case undefined:
      return null;
  }
}
