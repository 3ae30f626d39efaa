import type { JsonValue } from '../../json.ts';
import type { Outcome } from '../../outcome.ts';

/** The completion activity's input with its token decoded. */
export type ParsedCompletionInput =
  | { readonly executionId: string }
  | { readonly callbackToken: Uint8Array; readonly outcome: Outcome };

/** Reads what came over the wire, from a workflow in any language; `undefined` for what is neither form. */
export function parseCompletionInput(value: unknown): ParsedCompletionInput | undefined {
  if (!isRecord(value)) return undefined;
  const { executionId, callbackToken, outcome } = value;
  if (typeof executionId === 'string' && executionId !== '') return { executionId };
  const token = tokenOf(callbackToken);
  const parsed = outcomeOf(outcome);
  return token && parsed && { callbackToken: token, outcome: parsed };
}

/** Base64 or base64url, padded or not, as the languages' encoders differ. */
function tokenOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) return undefined;
  return new Uint8Array(Buffer.from(value, 'base64'));
}

function outcomeOf(value: unknown): Outcome | undefined {
  if (!isRecord(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length !== 1) return undefined;
  if ('completed' in value) return { completed: value['completed'] as JsonValue };
  if ('cancelled' in value) return { cancelled: value['cancelled'] as JsonValue };
  return failedOf(value['failed']);
}

function failedOf(value: unknown): Outcome | undefined {
  if (!isRecord(value)) return undefined;
  const { type, message, details = [], retryable = false } = value;
  if (typeof type !== 'string' || typeof message !== 'string') return undefined;
  if (!Array.isArray(details) || typeof retryable !== 'boolean') return undefined;
  return { failed: { type, message, details: details as JsonValue[], retryable } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
