import type { JsonObject } from '@bufbuild/protobuf';
import type { Value } from '@bufbuild/protobuf/wkt';
import type { JsonValue } from '../../json.ts';

/**
 * The value of a `google.protobuf.Value` as plain JSON. What JSON has not (an unset value, NaN, the infinities)
 * becomes `null`: an outcome must be told even if a tool's arguments are odd.
 */
export function plainValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case 'stringValue':
    case 'boolValue':
      return kind.value;
    case 'numberValue':
      return Number.isFinite(kind.value) ? kind.value : null;
    case 'structValue':
      return Object.fromEntries(
        Object.entries(kind.value.fields).map(([name, value]) => [name, plainValue(value)]),
      );
    case 'listValue':
      return kind.value.values.map(plainValue);
    case 'nullValue':
    case undefined:
      return null;
  }
}

/** A JSON object with `null` in place of numbers that JSON has not. */
export function finiteObject(object: JsonObject): JsonObject {
  return finite(object) as JsonObject;
}

function finite(value: JsonValue): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, finite(entry)]));
}
