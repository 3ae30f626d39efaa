import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { JsonValue } from '@token-handshake/core';
import { UsageError } from './usage-error.ts';

/**
 * The workflow's input: JSON as it is, `@file` for a file's content, `-` for standard input; absent is null.
 *
 * @throws UsageError when it cannot be read or is no JSON
 */
export async function readInput(given: string | undefined): Promise<JsonValue> {
  if (given === undefined) return null;
  const { source, content } = await contentOf(given);
  try {
    return JSON.parse(content) as JsonValue;
  } catch (error) {
    throw new UsageError(`expected ${source} to be JSON: ${(error as Error).message}`);
  }
}

async function contentOf(given: string): Promise<{ source: string; content: string }> {
  if (given === '-') return { source: 'standard input', content: await text(process.stdin) };
  if (!given.startsWith('@')) return { source: '--input', content: given };
  const path = given.slice(1);
  try {
    return { source: `"${path}"`, content: await readFile(path, 'utf8') };
  } catch (error) {
    throw new UsageError(`expected --input to name a file that can be read: ${(error as Error).message}`);
  }
}
