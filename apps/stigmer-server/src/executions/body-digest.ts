import { createHash } from 'node:crypto';
import { clone, type JsonValue } from '@bufbuild/protobuf';
import { toJsonValue } from '@token-handshake/proto';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';

/**
 * SHA-256 of what a `create` asks for, lowercase hex, by which two creates of one call are compared. Without token,
 * id and status; independent of the order of fields and keys. Of secret values only a keyed digest is in it, so that
 * they cannot be guessed from what is stored.
 */
export function bodyDigest(request: AgentExecution, digestSecret: (value: string) => string): string {
  const body = clone(AgentExecutionSchema, request);
  delete body.status;
  if (body.metadata) body.metadata.id = '';
  if (body.spec) {
    body.spec.callbackToken = new Uint8Array();
    for (const entry of Object.values(body.spec.runtimeEnv)) {
      if (entry.isSecret) entry.value = digestSecret(entry.value);
    }
  }
  return createHash('sha256')
    .update(canonical(toJsonValue(AgentExecutionSchema, body)))
    .digest('hex');
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${canonical(entry)}`).join(',')}}`;
}

/**
 * The digest to compare a request with the stored one of its call by: the stored one itself where any of the keys
 * leads to it, so that a request is known again after the keys were rotated; otherwise that of the first key.
 *
 * @param stored the digest of the call, if it is known
 */
export function comparableDigest(
  request: AgentExecution,
  secretDigests: readonly ((value: string) => string)[],
  stored: string | undefined,
): string {
  const digests = secretDigests.map((digest) => bodyDigest(request, digest));
  const [first] = digests;
  if (first === undefined) throw new Error('expected at least one secrets key, got none');
  return digests.find((digest) => digest === stored) ?? first;
}
