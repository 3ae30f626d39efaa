import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { HandshakeError } from '../handshake-error.ts';

/** The facts in Temporal's task token. It is neither signed nor encrypted: anybody can write one. */
export interface TaskTokenContent {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: bigint;
  readonly attempt: number;
  readonly activityId: string;
  readonly activityType: string;
  /** Servers leave it out of the tokens of activities. */
  readonly workflowType?: string;
}

/** Field numbers of Temporal's `temporal.server.api.token.v1.Task`, with the wire type of each. */
const FIELDS = {
  namespaceId: { no: 1, type: WireType.LengthDelimited },
  workflowId: { no: 2, type: WireType.LengthDelimited },
  runId: { no: 3, type: WireType.LengthDelimited },
  scheduledEventId: { no: 4, type: WireType.Varint },
  attempt: { no: 5, type: WireType.Varint },
  activityId: { no: 6, type: WireType.LengthDelimited },
  workflowType: { no: 7, type: WireType.LengthDelimited },
  activityType: { no: 8, type: WireType.LengthDelimited },
} as const;

type FieldName = keyof typeof FIELDS;
const NAMES_BY_NUMBER = new Map(
  Object.entries(FIELDS).map(([name, { no }]) => [no as number, name as FieldName]),
);

/**
 * Reads Temporal's task token of a workflow's activity. Fields that a newer server adds are passed over; what is
 * needed must be there, and in its place.
 *
 * @throws HandshakeError `TASK_TOKEN_UNREADABLE`
 */
export function parseTaskToken(bytes: Uint8Array): TaskTokenContent {
  const found = readFields(bytes);
  const text = (name: FieldName): string => {
    const value = found.get(name);
    if (typeof value !== 'string' || value === '') throw unreadable(`its field "${name}" is missing`);
    return value;
  };
  const workflowType = found.get('workflowType');
  const scheduledEventId = found.get('scheduledEventId');
  if (typeof scheduledEventId !== 'bigint' || scheduledEventId <= 0n) {
    throw unreadable('its field "scheduledEventId" is missing or not positive');
  }
  const attempt = found.get('attempt');
  if (typeof attempt !== 'number' || attempt <= 0) {
    throw unreadable('its field "attempt" is missing or not positive');
  }
  return {
    namespaceId: text('namespaceId'),
    workflowId: text('workflowId'),
    runId: text('runId'),
    scheduledEventId,
    attempt,
    activityId: text('activityId'),
    activityType: text('activityType'),
    ...(typeof workflowType === 'string' && workflowType !== '' && { workflowType }),
  };
}

function readFields(bytes: Uint8Array): Map<FieldName, string | number | bigint> {
  const found = new Map<FieldName, string | number | bigint>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [no, type] = reader.tag();
      const name = NAMES_BY_NUMBER.get(no);
      if (name === undefined) {
        reader.skip(type, no);
        continue;
      }
      if (type !== FIELDS[name].type) throw unreadable(`its field "${name}" has another wire type`);
      if (name === 'scheduledEventId') found.set(name, BigInt(reader.int64()));
      else if (name === 'attempt') found.set(name, reader.int32());
      else found.set(name, reader.string(true));
    }
  } catch (error) {
    if (HandshakeError.is(error)) throw error;
    throw unreadable('it is not valid protobuf', error);
  }
  return found;
}

function unreadable(why: string, cause?: unknown): HandshakeError {
  return new HandshakeError(
    'TASK_TOKEN_UNREADABLE',
    `expected a task token of Temporal, but ${why}; pass the bytes of activityInfo().taskToken unchanged`,
    { cause },
  );
}
