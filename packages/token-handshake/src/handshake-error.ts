import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

const marker = Symbol.for('token-handshake.HandshakeError');

/** The one error class of this package. `code` says what is wrong; the message says what to do; no secret in either. */
export class HandshakeError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'HandshakeError';
    this.code = code;
    this.retryable = ERROR_CODES[code].retryable;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether `value` is a HandshakeError, also one made by another copy of this package. */
  static is(value: unknown): value is HandshakeError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
