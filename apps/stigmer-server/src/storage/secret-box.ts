import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { StorageError } from './storage-error.ts';

/** Length of a key: AES-256. */
export const SECRETS_KEY_BYTES = 32;

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * Encrypts the secret values of an execution for the database: AES-256-GCM, bound to the execution's id, so that a
 * row's secrets cannot be moved to another row. The first key encrypts, all of them decrypt.
 */
export class SecretBox {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #first: { readonly id: Buffer; readonly key: Uint8Array };

  /** @param keys at least one, of {@link SECRETS_KEY_BYTES} bytes each. */
  constructor(keys: readonly Uint8Array[]) {
    const [first] = keys;
    if (first === undefined) throw new Error('expected at least one secrets key, got none');
    this.#first = { id: keyId(first), key: first };
    this.#keys = new Map(keys.map((key) => [keyId(key).toString('hex'), key]));
  }

  /** Encrypts values by name. */
  seal(executionId: string, values: Readonly<Record<string, string>>): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#first.key, nonce);
    cipher.setAAD(Buffer.from(executionId));
    const body = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), this.#first.id, nonce, cipher.getAuthTag(), body]);
  }

  /**
   * Decrypts what {@link SecretBox.seal} made.
   *
   * @throws StorageError `SECRETS_KEY` when the key is missing, or the bytes are not those of this execution.
   */
  open(executionId: string, sealed: Uint8Array): Record<string, string> {
    const bytes = Buffer.from(sealed);
    const id = bytes.subarray(1, 1 + KEY_ID_BYTES).toString('hex');
    const key = this.#keys.get(id);
    if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION || key === undefined) {
      throw new StorageError(
        'SECRETS_KEY',
        `expected a secrets key with id "${id}" for execution "${executionId}", and it is not configured: ` +
          'add the key that was used before to STIGMER_SECRETS_KEY, behind the current one',
      );
    }
    const nonce = bytes.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(executionId));
    decipher.setAuthTag(bytes.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as Record<string, string>;
    } catch (cause) {
      throw new StorageError(
        'SECRETS_KEY',
        `the encrypted secrets of execution "${executionId}" were changed or belong to another execution: ` +
          'restore the database from a backup',
        { cause },
      );
    }
  }

  /**
   * A keyed digest, to compare secret values without keeping anything that could be guessed from: one for each key,
   * that of the first key first.
   */
  digests(): readonly ((value: string) => string)[] {
    return [...this.#keys.values()].map(
      (key) => (value) => createHmac('sha256', key).update(value).digest('hex'),
    );
  }
}

function keyId(key: Uint8Array): Buffer {
  return createHash('sha256').update('stigmer secrets key id').update(key).digest().subarray(0, KEY_ID_BYTES);
}
