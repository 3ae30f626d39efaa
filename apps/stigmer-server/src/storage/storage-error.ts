const brand = Symbol.for('@token-handshake/stigmer-server.StorageError');

/**
 * - `DATABASE_NEWER`: the file was written by a newer version of this program.
 * - `DATABASE_MIGRATION`: the file could not be brought to this version.
 * - `DATABASE_OPEN`: the file cannot be opened.
 * - `DATABASE_COPY`: a copy of the database cannot be written.
 * - `SECRETS_KEY`: stored secrets were encrypted with a key that is not configured.
 */
export type StorageErrorCode =
  | 'DATABASE_NEWER'
  | 'DATABASE_MIGRATION'
  | 'DATABASE_OPEN'
  | 'DATABASE_COPY'
  | 'SECRETS_KEY';

/** The database cannot be used as it is; the message says what to do. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a StorageError of any realm. */
  static is(value: unknown): value is StorageError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
