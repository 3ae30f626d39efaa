import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Client } from '@temporalio/client';
import { type CallId, callId, type KeyRing, seal, type TaskToken } from '@token-handshake/core';

/** What a token of a test says. */
export interface ForgedToken {
  readonly keyRing: KeyRing;
  /** Whose namespace it names. Default: any, for a server that has no Temporal to ask. */
  readonly client?: Client;
  readonly runId?: string;
  readonly heartbeatTimeoutMs?: number;
  /** Default: of a call of its own. */
  readonly callId?: CallId;
  /** Default: the first. */
  readonly attempt?: number;
}

/** Seals a token that passes every check of the server, of an activity that does not exist. */
export async function forgedToken(options: ForgedToken): Promise<Uint8Array<ArrayBuffer>> {
  const { heartbeatTimeoutMs = 100, attempt = 1 } = options;
  const namespace = 'default';
  const described = await options.client?.workflowService.describeNamespace({ namespace });
  const scheduledTimestampMs = Date.now();
  const identity = {
    namespace,
    workflowId: `forged-${crypto.randomUUID()}`,
    runId: options.runId ?? crypto.randomUUID(),
    activityId: '1',
  };
  const namespaceId = described?.namespaceInfo?.id ?? crypto.randomUUID();
  const token = await seal(options.keyRing, {
    ...identity,
    taskToken: taskToken({ ...identity, namespaceId, attempt }),
    namespaceId,
    activityType: 'stigmer/call-agent',
    callId: options.callId ?? callId({ ...identity, scheduledTimestampMs }),
    audience: 'stigmer',
    ord: scheduledTimestampMs + attempt,
    att: attempt,
    exp: scheduledTimestampMs + 600_000,
    graceMs: 3 * heartbeatTimeoutMs,
    target: 'temporal:default',
    heartbeatTimeoutMs,
  });
  return new Uint8Array(token);
}

function taskToken(fields: {
  namespaceId: string;
  workflowId: string;
  runId: string;
  activityId: string;
  attempt: number;
}): TaskToken {
  const writer = new BinaryWriter();
  const text = (no: number, value: string) => writer.tag(no, WireType.LengthDelimited).string(value);
  text(1, fields.namespaceId);
  text(2, fields.workflowId);
  text(3, fields.runId);
  writer.tag(4, WireType.Varint).int64(5n);
  writer.tag(5, WireType.Varint).int32(fields.attempt);
  text(6, fields.activityId);
  text(7, 'forged');
  text(8, 'stigmer/call-agent');
  return writer.finish() as TaskToken;
}
