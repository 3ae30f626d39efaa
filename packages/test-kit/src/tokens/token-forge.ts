import { readFile } from 'node:fs/promises';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type CallId, callId, generateKeySet, KeyRing, seal, type TaskToken } from '@token-handshake/core';
import type { System } from '../system.ts';

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
  /** In a field that only Temporal's server looks at, the start time, stands what is no message. */
  readonly unreadableForTemporal?: boolean;
  readonly audience?: string;
  readonly target?: string;
  readonly namespaceId?: string;
  readonly activityType?: string;
  readonly activityId?: string;
  /** With a run's own id: two tokens of one activity carry the same task token. Default: another one each time. */
  readonly workflowId?: string;
  readonly runId?: string;
  /** Default: what the other claims come to. */
  readonly callId?: CallId;
  readonly exp?: number;
}

/** Reads the keys of a running system and learns its namespace. */
export async function tokenForge(system: System): Promise<TokenForge> {
  const keyRing = KeyRing.fromJwks(await readFile(system.stack.keys.handshakeKeysFile, 'utf8'));
  const { namespace } = system.stack.temporal;
  const { namespaceInfo } = await system.temporal.workflowService.describeNamespace({ namespace });
  const namespaceId = namespaceInfo?.id ?? '';
  return { keyRing, namespaceId, taskToken: taskTokenOf(forgedWait({ namespaceId })) };
}

/** A raw task token, as Temporal's own encoding has it, with what `claims` says. */
export function rawToken({ namespaceId }: TokenForge, claims: ForgedClaims = {}): TaskToken {
  return taskTokenOf(forgedWait({ namespaceId, ...claims }));
}

/** Seals a token that is good but for what `claims` says. Each has a task token of its own. */
export async function sealedToken(forge: TokenForge, claims: ForgedClaims): Promise<Uint8Array> {
  const scheduledTimestampMs = Date.now();
  const wait = forgedWait({ namespaceId: forge.namespaceId, ...claims });
  const heartbeatTimeoutMs = 10_000;
  return seal(claims.strangeKey ? KeyRing.fromJwks(generateKeySet()) : forge.keyRing, {
    namespace: 'default',
    namespaceId: wait.namespaceId,
    workflowId: wait.workflowId,
    runId: wait.runId,
    activityId: wait.activityId,
    activityType: wait.activityType,
    taskToken: taskTokenOf(wait),
    callId: claims.callId ?? callId({ namespace: 'default', ...wait, scheduledTimestampMs }),
    audience: claims.audience ?? 'stigmer',
    ord: scheduledTimestampMs,
    att: 1,
    exp: claims.exp ?? scheduledTimestampMs + 600_000,
    graceMs: 3 * heartbeatTimeoutMs,
    target: claims.target ?? 'temporal:default',
    heartbeatTimeoutMs,
  });
}

interface ForgedWait {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly activityType: string;
  readonly unreadableForTemporal: boolean;
}

function forgedWait(claims: ForgedClaims & { readonly namespaceId: string }): ForgedWait {
  return {
    namespaceId: claims.namespaceId,
    workflowId: claims.workflowId ?? `forged-${crypto.randomUUID()}`,
    runId: claims.runId ?? crypto.randomUUID(),
    activityId: claims.activityId ?? '1',
    activityType: claims.activityType ?? 'stigmer/call-agent',
    unreadableForTemporal: claims.unreadableForTemporal ?? false,
  };
}

/** Temporal's own encoding of a task token, with the fields that its server reads. */
function taskTokenOf(wait: ForgedWait): TaskToken {
  const writer = new BinaryWriter();
  const text = (no: number, value: string) => writer.tag(no, WireType.LengthDelimited).string(value);
  text(1, wait.namespaceId);
  text(2, wait.workflowId);
  text(3, wait.runId);
  writer.tag(4, WireType.Varint).int64(5n);
  writer.tag(5, WireType.Varint).int32(1);
  text(6, wait.activityId);
  text(7, 'forged');
  text(8, wait.activityType);
  if (wait.unreadableForTemporal) writer.tag(12, WireType.LengthDelimited).bytes(Uint8Array.of(0xff));
  return writer.finish() as TaskToken;
}
