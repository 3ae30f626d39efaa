import { isSerializableError, serializeError } from './serialize-error.ts';

/** What stands where a secret was. */
export const redacted = '[redacted]';

const maxDepth = 8;

/** Compared without case, `-` and `_`, so that `callback_token` and `callbackToken` are one name. */
const secretNames = new Set([
  'apikey',
  'authorization',
  'callbacktoken',
  'cookie',
  'handshakekeys',
  'password',
  'proxyauthorization',
  'rawtoken',
  'sealed',
  'secret',
  'secretvalue',
  'setcookie',
  'tasktoken',
  'token',
  'xapikey',
]);

/** Objects whose keys are harmless and whose values are not. */
const secretMaps = new Set(['runtimeenv']);

/**
 * A copy of a log line's fields that is safe to write: values under the name of a secret are replaced at
 * any depth, values of `runtimeEnv` too, bytes give only their number, errors become plain objects with
 * `code` and `cause`. Numbers and booleans pass under every name: they state facts about a secret (its
 * length, its presence), never the secret.
 */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, [], 0);
}

function redactObject(object: object, parents: readonly object[], depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    copy[name] = redactField(name, value, [...parents, object], depth);
  }
  return copy;
}

function redactField(name: string, value: unknown, parents: readonly object[], depth: number): unknown {
  const plain = name.replaceAll(/[-_]/g, '').toLowerCase();
  if (secretNames.has(plain)) return isFact(value) ? value : redacted;
  if (secretMaps.has(plain) && typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, redacted]));
  }
  return redactValue(value, parents, depth + 1);
}

function redactValue(value: unknown, parents: readonly object[], depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (isSerializableError(value)) return serializeError(value);
  if (parents.includes(value)) return '[circular]';
  if (depth > maxDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, [...parents, value], depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return redactValue((value.toJSON as () => unknown)(), [...parents, value], depth + 1);
  }
  if (!isPlain(value)) return `[${value.constructor?.name ?? 'object'}]`;
  return redactObject(value, parents, depth);
}

/** Sockets, requests and clients are not log fields: only plain objects are looked into. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isFact(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean';
}
