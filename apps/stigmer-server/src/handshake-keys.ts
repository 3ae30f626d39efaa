import { readFile } from 'node:fs/promises';
import { KeyRing } from '@token-handshake/core';
import { ConfigError } from '@token-handshake/service-kit';
import type { StigmerConfig } from './config.ts';

/** The keys of callback tokens, which can be read again while the server runs. */
export interface HandshakeKeys {
  current(): KeyRing;
  /**
   * Puts a new set in force, if it can be read and has every key that waiting calls need; else the old one stays.
   *
   * @throws ConfigError
   */
  reload(): Promise<void>;
}

/** What {@link readHandshakeKeys} needs. */
export interface HandshakeKeysOptions {
  readonly settings: StigmerConfig['handshake'];
  /** Ids of keys that waiting calls were sealed with. */
  readonly keyIdsInUse: () => Promise<readonly string[]>;
}

/**
 * Reads the keys.
 *
 * @throws ConfigError when there are none, they cannot be used, or a key is missing that waiting calls need
 */
export async function readHandshakeKeys(options: HandshakeKeysOptions): Promise<HandshakeKeys> {
  let ring = await read(options);
  return {
    current: () => ring,
    async reload() {
      ring = await read(options);
    },
  };
}

async function read({ settings, keyIdsInUse }: HandshakeKeysOptions): Promise<KeyRing> {
  const ring = await ringOf(settings);
  const missing = (await keyIdsInUse()).filter((kid) => !ring.kids().includes(kid));
  if (missing.length === 0) return ring;
  throw problem(
    'a set with every key that waiting calls were sealed with',
    `one without "${missing.join('", "')}"`,
    'Keep old keys behind the new one until no call needs them.',
  );
}

async function ringOf({ keys, keysFile, audience }: StigmerConfig['handshake']): Promise<KeyRing> {
  if ((keys === undefined) === (keysFile === undefined)) {
    throw problem(
      'either HANDSHAKE_KEYS or HANDSHAKE_KEYS_FILE',
      keys === undefined ? 'neither' : 'both',
      'Make a set with generateKeySet() of @token-handshake/core, in a file that only the service reads, and give ' +
        'the same file to the callers.',
    );
  }
  const text = keys ?? (await readKeysFile(keysFile ?? ''));
  try {
    return KeyRing.fromJwks(text, { audience });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw problem('a JWK set', 'one that cannot be used', message);
  }
}

async function readKeysFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw problem('a file that can be read', `"${path}"`, message);
  }
}

function problem(expected: string, received: string, advice: string): ConfigError {
  return new ConfigError([
    { option: 'handshake.keysFile', env: 'HANDSHAKE_KEYS_FILE', expected, received, advice },
  ]);
}
