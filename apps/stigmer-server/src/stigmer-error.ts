import { STIGMER_ERROR_CODES, type StigmerErrorCode } from './error-codes.ts';

const brand = Symbol.for('@token-handshake/stigmer-server.StigmerError');

/** An answer that says no. `code` says why; the message says what to do; no secret in either. */
export class StigmerError extends Error {
  readonly code: StigmerErrorCode;

  constructor(code: StigmerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StigmerError';
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a StigmerError of any realm. */
  static is(value: unknown): value is StigmerError {
    return typeof value === 'object' && value !== null && brand in value && 'code' in value
      ? String(value.code) in STIGMER_ERROR_CODES
      : false;
  }
}
