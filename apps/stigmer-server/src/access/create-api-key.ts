import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import {
  type AccessScope,
  type ApiKeyEntry,
  apiKeyEntry,
  formatApiKeyFile,
  makeApiKey,
  parseApiKeyFile,
} from '@token-handshake/service-kit';

/** Only the owner: the hashes tell nobody a key, but whoever may write here makes their own. */
const NEW_FILE_MODE = 0o600;

/** What {@link createApiKey} takes. */
export interface CreateApiKeyOptions {
  readonly principal: string;
  readonly scopes: readonly AccessScope[];
  /** Milliseconds since the epoch; absent: never. */
  readonly expiresAt?: number;
  readonly rawTokens: boolean;
  /** The file that the entry is added to, and that is made where it is missing. Absent: none is. */
  readonly file?: string;
}

/** A key that was made. */
export interface CreatedApiKey {
  readonly key: string;
  readonly entry: ApiKeyEntry;
}

/**
 * Makes a key, and adds its hash to the file. The file is replaced whole, so that a server that reads it meanwhile gets
 * the one or the other.
 *
 * @throws Error when the file cannot be used; it is unchanged then
 */
export async function createApiKey(options: CreateApiKeyOptions): Promise<CreatedApiKey> {
  const { principal, scopes, expiresAt, rawTokens, file } = options;
  const key = makeApiKey();
  const entry = apiKeyEntry(key, {
    principal,
    scopes: [...scopes],
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(rawTokens && { rawTokens }),
  });
  if (file === undefined) formatApiKeyFile([entry]);
  else await addTo(file, entry);
  return { key, entry };
}

async function addTo(file: string, entry: ApiKeyEntry): Promise<void> {
  const there = await statIfThere(file);
  const draft = `${file}.new`;
  const mode = there === undefined ? NEW_FILE_MODE : there.mode & 0o777;
  const handle = await open(draft, 'wx', mode).catch((error: unknown) => {
    throw isCode(error, 'EEXIST')
      ? new Error(`"${draft}" is there: another command adds a key, or left it`)
      : error;
  });
  try {
    const known = there === undefined ? [] : parseApiKeyFile(await readFile(file, 'utf8'));
    await handle.writeFile(formatApiKeyFile([...known, entry]));
    await handle.chmod(mode);
    // The service often runs as another user than the one who adds a key.
    if (there !== undefined && process.getuid?.() === 0) await handle.chown(there.uid, there.gid);
    await handle.sync();
    await rename(draft, file);
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

async function statIfThere(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
