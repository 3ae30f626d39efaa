import { createHash } from 'node:crypto';

const FILLER = 'the quick brown fox jumps over the lazy dog; ';

/** What the agent answers in one run: the same each time it is asked, and different for every run. */
export function answerText(key: string, run: number, bytes: number): string {
  const head = `answer to ${key} by run ${run}: `;
  const filler = FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, Math.max(0, bytes - head.length));
  // A space at the very end might be taken for formatting.
  return `${head}${filler}.`;
}

/** Digest of a text, to compare large ones by. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
