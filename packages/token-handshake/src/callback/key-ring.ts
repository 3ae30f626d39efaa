import { inspect } from 'node:util';
import { HandshakeError } from '../handshake-error.ts';
import { readKeySet } from './key-set.ts';

/** Which keys of a set to take: a set may hold keys for several pairs of services. */
export interface KeyRingOptions {
  /** Take only keys whose `aud` is this callee, and keys without `aud`. Default: all. */
  readonly audience?: string;
  /** Take only keys whose `iss` is this caller, and keys without `iss`. Default: all. */
  readonly issuer?: string;
}

/** One key as the seal uses it. */
export interface SealingKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/**
 * The keys that callback tokens are sealed with. The first seals, all open: to rotate, put a new key first on the
 * side that opens, then on the side that seals, and remove the old one when no waiting call needs it.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, SealingKey>;
  readonly #first: SealingKey;

  private constructor(keys: readonly [SealingKey, ...SealingKey[]]) {
    this.#first = keys[0];
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
  }

  /**
   * Takes a JWK set, as an object or as JSON text. Keys are `oct` keys of 256 bits with a `kid` of their own and
   * `alg` `A256GCM` or `dir`; `generateKeySet()` makes one.
   *
   * @throws HandshakeError `KEYS_INVALID`
   */
  static fromJwks(jwks: unknown, options: KeyRingOptions = {}): KeyRing {
    const all = readKeySet(jwks);
    const [first, ...rest] = all.filter(
      (key) =>
        (options.audience === undefined || key.aud === undefined || key.aud === options.audience) &&
        (options.issuer === undefined || key.iss === undefined || key.iss === options.issuer),
    );
    if (!first) {
      const wanted = [
        options.audience === undefined ? [] : [`aud "${options.audience}"`],
        options.issuer === undefined ? [] : [`iss "${options.issuer}"`],
      ].flat();
      throw new HandshakeError(
        'KEYS_INVALID',
        `expected a key for ${wanted.join(' and ')}, but none of the ${all.length} keys is for it; ` +
          'add one, or correct the "aud" and "iss" of those there are',
      );
    }
    return new KeyRing([first, ...rest]);
  }

  /** The ids of all keys, the sealing one first. */
  kids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** The key that seals. */
  sealingKey(): SealingKey {
    return this.#first;
  }

  /** The key of that id, if it is here. */
  key(kid: string): SealingKey | undefined {
    return this.#keys.get(kid);
  }

  /** Key ids only: a ring that is logged by mistake gives nothing away. */
  toJSON(): unknown {
    return { kids: this.kids() };
  }

  [inspect.custom](): string {
    return `KeyRing(${this.kids().join(', ')})`;
  }
}
