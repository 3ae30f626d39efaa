import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeySet } from '@token-handshake/core';
import { type AccessScope, apiKeyEntry, formatApiKeyFile, makeApiKey } from '@token-handshake/service-kit';

const handshakeKeysName = 'handshake-keys.json';
const secretsKeyName = 'stigmer-secrets.key';
const secretsKeyBytes = 32;
const apiKeysName = 'stigmer-api-keys.json';

/** Who has an API key of Stigmer here: a principal of that name, with that scope. */
const holders = { zigflow: 'caller', runner: 'runner', operator: 'operator' } as const satisfies Record<
  string,
  AccessScope
>;

/** One of those who have an API key in a local stack. */
export type KeyHolder = keyof typeof holders;

/** The keys of one data folder. */
export interface LocalKeys {
  /** File with the JWK set that both services seal and open callback tokens with. */
  readonly handshakeKeysFile: string;
  /** What Stigmer encrypts secret values with in its database, base64. */
  readonly stigmerSecretsKey: string;
  /** File with the hashes of the API keys, for Stigmer. */
  readonly stigmerApiKeysFile: string;
  /** The API keys. */
  readonly apiKeys: Readonly<Record<KeyHolder, string>>;
}

/**
 * Makes the keys of a data folder, or finds those that it has. Each is a file that only its owner reads, and
 * that is never there by half; of two launchers that start at once, both get the keys of the first.
 */
export async function prepareKeys(dataDir: string): Promise<LocalKeys> {
  await mkdir(dataDir, { recursive: true });
  const handshakeKeysFile = join(dataDir, handshakeKeysName);
  await readOrMake(handshakeKeysFile, () => `${JSON.stringify(generateKeySet(), undefined, 2)}\n`);
  const secretsKey = await readOrMake(join(dataDir, secretsKeyName), () => {
    return `${randomBytes(secretsKeyBytes).toString('base64')}\n`;
  });
  return { handshakeKeysFile, stigmerSecretsKey: secretsKey.trim(), ...(await prepareApiKeys(dataDir)) };
}

async function prepareApiKeys(dataDir: string): Promise<Pick<LocalKeys, 'stigmerApiKeysFile' | 'apiKeys'>> {
  const made = (name: KeyHolder) =>
    readOrMake(join(dataDir, `${name}.api-key`), () => `${makeApiKey()}\n`).then((text) => text.trim());
  const apiKeys = {
    zigflow: await made('zigflow'),
    runner: await made('runner'),
    operator: await made('operator'),
  };
  const stigmerApiKeysFile = join(dataDir, apiKeysName);
  await readOrMake(stigmerApiKeysFile, () =>
    formatApiKeyFile(
      Object.entries(holders).map(([name, scope]) =>
        apiKeyEntry(apiKeys[name as KeyHolder], { principal: name, scopes: [scope] }),
      ),
    ),
  );
  return { stigmerApiKeysFile, apiKeys };
}

async function readOrMake(file: string, make: () => string): Promise<string> {
  const found = await readIfThere(file);
  if (found !== undefined) return found;
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, make(), { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link does not replace what somebody else has made meanwhile.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
