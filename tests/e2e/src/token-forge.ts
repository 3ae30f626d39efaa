import { readFile } from 'node:fs/promises';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { callId, generateKeySet, KeyRing, seal, type TaskToken } from '@token-handshake/core';
import type { System } from '@token-handshake/test-kit';

/** What tokens of a test are made from: the system's own keys and namespace. */
export interface TokenForge {
  readonly keyRing: KeyRing;
  readonly namespaceId: string;
  /** Well-formed, and of no activity that exists. */
  readonly taskToken: TaskToken;
}

/** What a token of a test says otherwise than a good one. */
export interface ForgedClaims {
  readonly strangeKey?: boolean;
  readonly taskToken?: Uint8Array;
  readonly audience?: string;
  readonly target?: string;
  readonly namespaceId?: string;
  readonly activityType?: string;
  readonly activityId?: string;
  readonly exp?: number;
  readonly heartbeatTimeoutMs?: number;
  readonly graceMs?: number;
}

/** Reads the keys of a running system and learns its namespace. */
export async function tokenForge(system: System): Promise<TokenForge> {
  const keyRing = KeyRing.fromJwks(await readFile(system.stack.keys.handshakeKeysFile, 'utf8'));
  const { namespace } = system.stack.temporal;
  const { namespaceInfo } = await system.temporal.workflowService.describeNamespace({ namespace });
  const namespaceId = namespaceInfo?.id ?? '';
  return { keyRing, namespaceId, taskToken: taskTokenOf(namespaceId) };
}

/** Seals a token that is good but for what `claims` says. Each has a task token of its own. */
export async function sealedToken(forge: TokenForge, claims: ForgedClaims): Promise<Uint8Array> {
  const scheduledTimestampMs = Date.now();
  const identity = {
    namespace: 'default',
    workflowId: `forged-${crypto.randomUUID()}`,
    runId: crypto.randomUUID(),
    activityId: claims.activityId ?? '1',
  };
  const heartbeatTimeoutMs = claims.heartbeatTimeoutMs ?? 10_000;
  return seal(claims.strangeKey ? KeyRing.fromJwks(generateKeySet()) : forge.keyRing, {
    ...identity,
    taskToken: (claims.taskToken ?? taskTokenOf(forge.namespaceId, identity)) as TaskToken,
    namespaceId: claims.namespaceId ?? forge.namespaceId,
    activityType: claims.activityType ?? 'stigmer/call-agent',
    callId: callId({ ...identity, scheduledTimestampMs }),
    audience: claims.audience ?? 'stigmer',
    ord: scheduledTimestampMs,
    att: 1,
    exp: claims.exp ?? scheduledTimestampMs + 600_000,
    graceMs: claims.graceMs ?? 3 * heartbeatTimeoutMs,
    target: claims.target ?? 'temporal:default',
    heartbeatTimeoutMs,
  });
}

/** Temporal's own encoding of a task token, with the fields that its server reads. */
function taskTokenOf(
  namespaceId: string,
  { workflowId, runId, activityId } = {
    workflowId: `forged-${crypto.randomUUID()}`,
    runId: crypto.randomUUID(),
    activityId: '1',
  },
): TaskToken {
  const writer = new BinaryWriter();
  const text = (no: number, value: string) => writer.tag(no, WireType.LengthDelimited).string(value);
  text(1, namespaceId);
  text(2, workflowId);
  text(3, runId);
  writer.tag(4, WireType.Varint).int64(5n);
  writer.tag(5, WireType.Varint).int32(1);
  text(6, activityId);
  text(7, 'forged');
  text(8, 'stigmer/call-agent');
  return writer.finish() as TaskToken;
}
