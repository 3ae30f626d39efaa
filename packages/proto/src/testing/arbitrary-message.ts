import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageInitShape,
  ScalarType,
} from '@bufbuild/protobuf';
import { DurationSchema, StructSchema, TimestampSchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

const maxLength = 3;
const text = fc.string({ unit: 'binary', maxLength: 12 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
// Equality of messages follows IEEE 754, so a NaN never equals what became of it.
const double = fc.double({ noNaN: true });
const float = fc.float({ noNaN: true });

/** Any JSON value that proto3 can carry. JSON text has no negative zero. */
const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }).map((value) => {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
});
const jsonObject = fc.dictionary(text, json, { maxKeys: maxLength });

const fixedScalars: Record<
  Exclude<ScalarType, ScalarType.STRING | ScalarType.BYTES>,
  fc.Arbitrary<unknown>
> = {
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.DOUBLE]: double,
  [ScalarType.FLOAT]: float,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

/** Both parts have one sign, and stay within 10,000 years. */
const duration = fc
  .tuple(fc.bigInt({ min: 0n, max: 315_576_000_000n }), fc.nat(999_999_999), fc.boolean())
  .map(([seconds, nanos, back]) => (back ? { seconds: -seconds, nanos: -nanos } : { seconds, nanos }));

/** Google's messages whose JSON form is not the object of their fields. */
const wellKnown: Record<string, fc.Arbitrary<unknown>> = {
  [StructSchema.typeName]: jsonObject,
  [ValueSchema.typeName]: json.map((value) => fromJson(ValueSchema, value)),
  [DurationSchema.typeName]: duration,
  // Whole range of the JSON mapping: from the year 1 to the year 9999.
  [TimestampSchema.typeName]: fc.record({
    seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  }),
};

/** What stands in fields where some values say more than others. */
export interface ArbitraryMessageOptions {
  /** Texts, those of ids among them. Default: any. */
  readonly text?: fc.Arbitrary<string>;
  /** Default: any. */
  readonly bytes?: fc.Arbitrary<Uint8Array>;
}

type Scalars = Record<ScalarType, fc.Arbitrary<unknown>>;

/** Messages of any type, any of their fields set or not. */
export function arbitraryMessage(
  schema: DescMessage,
  { text: texts = text, bytes = fc.uint8Array({ maxLength: 40 }) }: ArbitraryMessageOptions = {},
): fc.Arbitrary<Message> {
  const scalars = { ...fixedScalars, [ScalarType.STRING]: texts, [ScalarType.BYTES]: bytes };
  return initOf(schema, scalars).map((init) => create(schema, init as MessageInitShape<DescMessage>));
}

function initOf(schema: DescMessage, scalars: Scalars): fc.Arbitrary<unknown> {
  const special = wellKnown[schema.typeName];
  if (special !== undefined) {
    return special;
  }
  const members = schema.members.map((member): [string, fc.Arbitrary<unknown>] => {
    const value =
      member.kind === 'oneof'
        ? fc.oneof(
            ...member.fields.map((field) =>
              fc.record({ case: fc.constant(field.localName), value: fieldValue(field, scalars) }),
            ),
          )
        : fieldValue(member, scalars);
    return [member.localName, value];
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

function fieldValue(field: DescField, scalars: Scalars): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case 'scalar':
      return scalars[field.scalar];
    case 'enum':
      return enumValue(field.enum);
    case 'message':
      return initOf(field.message, scalars);
    case 'list':
      return fc.array(elementOf(field, scalars), { maxLength });
    case 'map':
      if (field.mapKey !== ScalarType.STRING) {
        throw new Error(`Expected a map with strings as keys, got "${field.parent.typeName}.${field.name}"`);
      }
      return fc.dictionary(text, elementOf(field, scalars), { maxKeys: maxLength });
  }
}

function elementOf(
  field: DescField & { fieldKind: 'list' | 'map' },
  scalars: Scalars,
): fc.Arbitrary<unknown> {
  const { scalar, enum: values, message } = field;
  if (scalar !== undefined) {
    return scalars[scalar];
  }
  return values === undefined ? initOf(message as DescMessage, scalars) : enumValue(values);
}

function enumValue({ values }: DescEnum): fc.Arbitrary<number> {
  return fc.constantFrom(...values.map(({ number }) => number));
}
