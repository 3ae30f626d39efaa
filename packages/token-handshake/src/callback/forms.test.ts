import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskToken } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import { looksSealed } from './compact.ts';
import { digestOf, fingerprintOf, previewOf } from './fingerprint.ts';
import { KeyRing } from './key-ring.ts';
import { generateKeySet } from './key-set.ts';
import { seal } from './seal.ts';

describe('the forms of a token', () => {
  test('a sealed token is told from a raw one by its form', async () => {
    expect(looksSealed(await seal(KeyRing.fromJwks(generateKeySet()), callbackClaims()))).toBe(true);
    expect(looksSealed(encodeTaskToken())).toBe(false);
    expect(looksSealed(new Uint8Array())).toBe(false);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(looksSealed(bytes)).toBe(false)));
  });

  test('fingerprint and preview say what the original system says', () => {
    const token = new Uint8Array(Buffer.from('abc')) as Uint8Array as TaskToken;
    expect(digestOf(token)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(fingerprintOf(token)).toBe('ba7816bf8f01');
    expect(fingerprintOf(digestOf(token))).toBe('ba7816bf8f01');
    expect(previewOf(encodeTaskToken())).toBe(
      `${Buffer.from(encodeTaskToken()).toString('base64').slice(0, 20)}…`,
    );
  });
});
