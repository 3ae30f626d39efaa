import { createHash } from 'node:crypto';
import type { Fingerprint, TaskToken, TokenDigest } from '../ids.ts';

const FINGERPRINT_DIGITS = 12;
const PREVIEW_CHARACTERS = 20;

/** Lowercase hex SHA-256 of the task token: two tokens are the same exactly if their digests are. */
export function digestOf(taskToken: TaskToken): TokenDigest {
  return createHash('sha256').update(taskToken).digest('hex') as TokenDigest;
}

/** The first 12 digits of a token's digest, for people and logs; too short to compare tokens by. */
export function fingerprintOf(token: TaskToken | TokenDigest): Fingerprint {
  const digest = typeof token === 'string' ? token : digestOf(token);
  return digest.slice(0, FINGERPRINT_DIGITS) as Fingerprint;
}

/**
 * The first 20 characters of the token's Base64 and `…`. It is only the head of the namespace's id, equal for all
 * tokens of a namespace: show it beside the fingerprint, never alone.
 */
export function previewOf(taskToken: TaskToken): string {
  return `${Buffer.from(taskToken).toString('base64').slice(0, PREVIEW_CHARACTERS)}…`;
}
