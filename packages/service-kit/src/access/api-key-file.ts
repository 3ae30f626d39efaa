import { z } from 'zod';
import { apiKeyId, hashApiKey } from './api-key.ts';
import { accessScopes } from './principal.ts';

/** Without a colon: such names belong to principals that other issuers vouch for. */
const principalName = z.string().regex(/^[\w.@-]{1,100}$/, 'a name of 1 to 100 letters, digits and . _ @ -');

const entry = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/, 'the 12 hex digits within the key'),
  principal: principalName,
  scopes: z.array(z.enum(accessScopes)).min(1, 'at least one scope'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 of the key, 64 lowercase hex digits'),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  rawTokens: z.boolean().optional(),
});

const file = z.strictObject({
  keys: z
    .array(entry)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'every id only once'),
});

/** One key as a service keeps it: without the key. */
export type ApiKeyEntry = z.infer<typeof entry>;

/** What a service keeps of a key. @throws Error when it is no key */
export function apiKeyEntry(key: string, rights: Omit<ApiKeyEntry, 'id' | 'sha256'>): ApiKeyEntry {
  const id = apiKeyId(key);
  if (id === undefined) throw new Error('expected an API key of this program, got something else');
  return { id, sha256: hashApiKey(key), ...rights };
}

/** Reads the text of a key file. @throws Error that says which entry is wrong, and never what stands in it */
export function parseApiKeyFile(text: string): readonly ApiKeyEntry[] {
  const parsed = file.safeParse(readJson(text));
  if (parsed.success) return parsed.data.keys;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; '),
  );
}

/** The text of a key file. @throws Error when an entry is wrong */
export function formatApiKeyFile(keys: readonly ApiKeyEntry[]): string {
  const text = `${JSON.stringify({ keys }, undefined, 2)}\n`;
  parseApiKeyFile(text);
  return text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new Error('expected JSON');
  }
}
