import { z } from 'zod';
import { SECRETS_KEY_BYTES } from './secret-box.ts';

const format = `${SECRETS_KEY_BYTES} random bytes in base64 or hex; several separated by commas`;

/** `<base64 or hex>[,…]` → keys of {@link SECRETS_KEY_BYTES} bytes, at least one. */
export const secretsKeys = z
  .string()
  .transform((text, context): Uint8Array[] => {
    const keys = text.split(',').map((word) => keyOf(word.trim()));
    if (keys.every((key) => key !== undefined)) return keys;
    context.addIssue({ code: 'custom', message: format });
    return z.NEVER;
  })
  .describe(format);

function keyOf(word: string): Uint8Array | undefined {
  const hex = /^[0-9a-f]{64}$/i.test(word);
  const bytes = hex ? Buffer.from(word, 'hex') : Buffer.from(word, 'base64');
  return bytes.length === SECRETS_KEY_BYTES ? new Uint8Array(bytes) : undefined;
}
