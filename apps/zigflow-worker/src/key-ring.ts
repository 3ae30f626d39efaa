import { readFile } from 'node:fs/promises';
import { KeyRing } from '@token-handshake/core';
import { ConfigError } from '@token-handshake/service-kit';
import type { ZigflowConfig } from './config.ts';

/** The keys in force, and the way to replace them while calls go on. */
export interface KeyRingSource {
  current(): KeyRing;
  /** Reads them again. What cannot be used is thrown, and changes nothing. */
  reload(): Promise<void>;
}

/** Reads the keys once, and again whenever it is asked to. */
export async function openKeyRing(config: ZigflowConfig): Promise<KeyRingSource> {
  let keyRing = await readKeyRing(config);
  return {
    current: () => keyRing,
    async reload() {
      keyRing = await readKeyRing(config);
    },
  };
}

/**
 * The keys that callback tokens are sealed with, from the variable or the file.
 *
 * @throws ConfigError when none is given, or the file cannot be read
 * @throws HandshakeError `KEYS_INVALID`
 */
async function readKeyRing({ handshake }: ZigflowConfig): Promise<KeyRing> {
  const { keys, keysFile, audience } = handshake;
  if (keys !== undefined) return KeyRing.fromJwks(keys, { audience });
  if (keysFile === undefined) {
    throw problem(
      'handshake.keys',
      'HANDSHAKE_KEYS',
      'a JWK set with the keys shared with the callee',
      'nothing',
      'Set HANDSHAKE_KEYS_FILE to the file that the callee uses too, or HANDSHAKE_KEYS to its content.',
    );
  }
  return KeyRing.fromJwks(await readText(keysFile), { audience });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw problem(
      'handshake.keysFile',
      'HANDSHAKE_KEYS_FILE',
      'a file that can be read',
      `${JSON.stringify(path)} (${code})`,
      'Point it at the file that the callee uses too.',
    );
  }
}

function problem(
  option: string,
  env: string,
  expected: string,
  received: string,
  advice: string,
): ConfigError {
  return new ConfigError([{ option, env, expected, received, advice }]);
}
