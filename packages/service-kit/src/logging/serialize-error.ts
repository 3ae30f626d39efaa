import { isNativeError } from 'node:util/types';

/** An error as a log line shows it. */
export interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: SerializedError | string;
  /** The errors inside an AggregateError. */
  readonly errors?: readonly (SerializedError | string)[];
}

const maxCauses = 8;

/** True for errors of any realm: `node:fs` inside a test runner makes errors that are not `instanceof Error`. */
export function isSerializableError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

/**
 * Type, message, code, stack and the whole chain of causes. Other properties stay out: libraries hang
 * requests, headers and payloads on their errors.
 */
export function serializeError(error: Error): SerializedError {
  return serialize(error, 0);
}

function serialize(error: Error, depth: number): SerializedError {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: serializeCause(error.cause, depth) }),
    ...('errors' in error && Array.isArray(error.errors)
      ? { errors: error.errors.slice(0, maxCauses).map((inner) => serializeCause(inner, depth)) }
      : {}),
  };
}

function serializeCause(cause: unknown, depth: number): SerializedError | string {
  if (isSerializableError(cause)) return depth < maxCauses ? serialize(cause, depth + 1) : cause.message;
  return typeof cause === 'string' ? cause : `[${typeof cause}]`;
}
