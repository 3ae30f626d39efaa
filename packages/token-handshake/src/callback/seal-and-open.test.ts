import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import type { ErrorCode } from '../error-codes.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { CallId, TaskToken } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { encodeTaskToken } from '../testing/task-token.ts';
import { MAX_TOKEN_BYTES, readHeader } from './compact.ts';
import { digestOf, fingerprintOf } from './fingerprint.ts';
import { KeyRing } from './key-ring.ts';
import { generateKeySet } from './key-set.ts';
import { open } from './open.ts';
import { seal } from './seal.ts';

const keys = generateKeySet();
const ring = KeyRing.fromJwks(keys);
const expectations = { audience: 'callee' };
const claims = callbackClaims();
const ascii = (text: string) => new TextEncoder().encode(text);
const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** The code of the refusal; fails for any other error, and for none. */
async function refusal(token: Uint8Array, by = ring, wanted = expectations): Promise<ErrorCode> {
  try {
    await open(by, token, wanted);
  } catch (error) {
    if (HandshakeError.is(error)) return error.code;
    throw error;
  }
  throw new Error('expected a refusal');
}

/** A token as another implementation might write it: any header, any claims, sealed with our key. */
async function foreign(header: object, sealed: object | string): Promise<Uint8Array> {
  const compact = await new CompactEncrypt(
    ascii(typeof sealed === 'string' ? sealed : JSON.stringify(sealed)),
  )
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header })
    .encrypt(ring.sealingKey().secret);
  return ascii(compact);
}

const goodHeader = {
  kid: ring.sealingKey().kid,
  tgt: claims.target,
  exp: claims.exp,
  hbt: claims.heartbeatTimeoutMs,
  fp: fingerprintOf(claims.taskToken),
};
const goodClaims = {
  v: 1,
  tok: Buffer.from(claims.taskToken).toString('base64url'),
  ns: claims.namespace,
  nsid: claims.namespaceId,
  wid: claims.workflowId,
  rid: claims.runId,
  aid: claims.activityId,
  aty: claims.activityType,
  call: claims.callId,
  aud: claims.audience,
  ord: claims.ord,
  att: claims.att,
  exp: claims.exp,
  gra: claims.graceMs,
};

describe('a sealed token', () => {
  test('gives its claims back to who has the key', async () => {
    const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const any = fc.record({
      taskToken: fc
        .uint8Array({ minLength: 1, maxLength: 300 })
        .map((bytes) => bytes as Uint8Array as TaskToken),
      namespace: text,
      namespaceId: text,
      workflowId: text,
      runId: text,
      activityId: text,
      activityType: text,
      callId: fc.stringMatching(/^[0-9a-f]{64}$/).map((id) => id as CallId),
      audience: text,
      ord: count,
      att: count,
      exp: count,
      target: fc.webUrl(),
      heartbeatTimeoutMs: fc.integer({ min: 1, max: 1e9 }),
      graceMs: fc.integer({ min: 3e9, max: 1e12 }),
    });
    await fc.assert(
      fc.asyncProperty(any, async (given) => {
        const opened = await open(ring, await seal(ring, given), { audience: given.audience });
        expect(opened.claims).toEqual(given);
        expect(opened.header).toEqual({
          kid: ring.sealingKey().kid,
          target: given.target,
          exp: given.exp,
          heartbeatTimeoutMs: given.heartbeatTimeoutMs,
          fingerprint: fingerprintOf(given.taskToken),
        });
      }),
    );
  });

  test('shows its header without a key, and nothing of the task token', async () => {
    const token = await seal(ring, claims);
    const text = Buffer.from(token).toString();
    expect(readHeader(token)).toEqual({
      kid: goodHeader.kid,
      target: 'temporal:default',
      exp: claims.exp,
      heartbeatTimeoutMs: 60_000,
      fingerprint: goodHeader.fp,
    });
    expect(text).not.toContain(Buffer.from(claims.taskToken).toString('base64url').slice(0, 20));
    expect(text.split('.')).toHaveLength(5);
  });

  test('differs each time, while the digest of what it seals stays', async () => {
    const [first, second] = await Promise.all([seal(ring, claims), seal(ring, claims)]);
    expect(Buffer.from(first)).not.toEqual(Buffer.from(second));
    const digests = await Promise.all(
      [first, second].map(async (t) => digestOf((await open(ring, t, expectations)).claims.taskToken)),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  test('opens with every key of a rotated ring, and is sealed with the first', async () => {
    const fresh = generateKeySet();
    const rotated = KeyRing.fromJwks({ keys: [...fresh.keys, ...keys.keys] });
    const old = await seal(ring, claims);
    const young = await seal(rotated, claims);
    expect((await open(rotated, old, expectations)).header.kid).toBe(keys.keys[0]?.kid);
    expect((await open(rotated, young, expectations)).header.kid).toBe(fresh.keys[0]?.kid);
    expect(await refusal(young)).toBe('TOKEN_KEY_UNKNOWN');
  });

  test('is not made where it would be refused', async () => {
    const long = 'w'.repeat(MAX_TOKEN_BYTES);
    const code = (error: unknown) => (HandshakeError.is(error) ? error.code : error);
    expect(await seal(ring, callbackClaims({ workflowId: long })).catch(code)).toBe('TOKEN_TOO_LARGE');
    expect(await seal(ring, callbackClaims({ graceMs: 1 })).catch(code)).toBe('TOKEN_CLAIMS_INVALID');
    expect(await seal(ring, callbackClaims({ target: '' })).catch(code)).toBe('TOKEN_HEADER_INVALID');
  });
});

describe('a token that was changed', () => {
  test('in any one character is refused', async () => {
    const token = await seal(ring, claims);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: token.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = Uint8Array.from(token);
          changed[at] = (changed[at] ?? 0) ^ flip;
          expect(await refusal(changed)).toMatch(/^TOKEN_/);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('by cutting it off anywhere, or by adding to it, is refused', async () => {
    const token = await seal(ring, claims);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), async (length) => {
        expect(await refusal(token.slice(0, length))).toMatch(/^TOKEN_/);
        expect(await refusal(Buffer.concat([token, token.slice(0, length + 1)]))).toMatch(/^TOKEN_/);
      }),
      { numRuns: 300 },
    );
  });

  test('by giving it the part of another good token is refused as tampered', async () => {
    const one = Buffer.from(await seal(ring, claims))
      .toString()
      .split('.');
    const other = Buffer.from(await seal(ring, callbackClaims({ target: 'temporal:other', ord: 1 })))
      .toString()
      .split('.');
    for (const part of [0, 2, 3, 4]) {
      const swapped = one.map((text, index) => (index === part ? other[index] : text)).join('.');
      expect(await refusal(ascii(swapped))).toBe('TOKEN_TAMPERED');
    }
  });

  test('in a field of its header is refused as tampered', async () => {
    const [, ...rest] = Buffer.from(await seal(ring, claims))
      .toString()
      .split('.');
    const good = { alg: 'dir', enc: 'A256GCM', ...goodHeader };
    for (const change of [
      { tgt: 'temporal:mine' },
      { exp: 1 },
      { hbt: 1 },
      { fp: '0'.repeat(12) },
      { cty: 'x' },
    ]) {
      expect(await refusal(ascii([base64url({ ...good, ...change }), ...rest].join('.')))).toBe(
        'TOKEN_TAMPERED',
      );
    }
  });

  test('by spelling the same bytes in another way is refused', async () => {
    const parts = Buffer.from(await seal(ring, claims))
      .toString()
      .split('.');
    const tag = parts[4] ?? '';
    // 16 bytes leave four unused bits in the last of 22 characters.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = tag.slice(0, -1) + alphabet[alphabet.indexOf(tag.at(-1) ?? '') + 1];
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(tag, 'base64url'));
    expect(await refusal(ascii([...parts.slice(0, 4), twin].join('.')))).toBe('TOKEN_UNREADABLE');
  });

  test('by sealing it with another key of the same id is refused as tampered', async () => {
    const [key] = generateKeySet().keys;
    const impostor = KeyRing.fromJwks({ keys: [{ ...key, kid: ring.sealingKey().kid }] });
    expect(await refusal(await seal(impostor, claims))).toBe('TOKEN_TAMPERED');
  });
});

describe('each wrong part has a code of its own', () => {
  const compact = (header: object | string, ...rest: string[]) =>
    ascii([base64url(header), ...rest].join('.'));
  const iv = 'A'.repeat(16);
  const tag = 'A'.repeat(22);
  const good = { alg: 'dir', enc: 'A256GCM', ...goodHeader };

  test.each<[string, Uint8Array, ErrorCode]>([
    ['nothing', new Uint8Array(), 'TOKEN_EMPTY'],
    ['too much', ascii('e'.repeat(MAX_TOKEN_BYTES + 1)), 'TOKEN_TOO_LARGE'],
    ['garbage', new Uint8Array([1, 2, 3]), 'TOKEN_UNREADABLE'],
    ['a raw task token', encodeTaskToken(), 'TOKEN_UNREADABLE'],
    ['a header that is no JSON', compact('{"no', '', iv, 'AA', tag), 'TOKEN_UNREADABLE'],
    ['an encrypted key', compact(good, 'AA', iv, 'AA', tag), 'TOKEN_UNREADABLE'],
    ['a short initialization vector', compact(good, '', 'AAAA', 'AA', tag), 'TOKEN_UNREADABLE'],
    ['a short tag', compact(good, '', iv, 'AA', 'AAAA'), 'TOKEN_UNREADABLE'],
    ['an empty ciphertext', compact(good, '', iv, '', tag), 'TOKEN_UNREADABLE'],
    ['another algorithm', compact({ ...good, alg: 'A256KW' }, '', iv, 'AA', tag), 'TOKEN_ALGORITHM_REFUSED'],
    [
      'another encryption',
      compact({ ...good, enc: 'A128GCM' }, '', iv, 'AA', tag),
      'TOKEN_ALGORITHM_REFUSED',
    ],
    ['compression', compact({ ...good, zip: 'DEF' }, '', iv, 'AA', tag), 'TOKEN_ALGORITHM_REFUSED'],
    [
      'a critical extension',
      compact({ ...good, crit: ['exp'] }, '', iv, 'AA', tag),
      'TOKEN_ALGORITHM_REFUSED',
    ],
    ['an unknown key', compact({ ...good, kid: 'other' }, '', iv, 'AA', tag), 'TOKEN_KEY_UNKNOWN'],
    ['a false seal', compact(good, '', iv, 'AA', tag), 'TOKEN_TAMPERED'],
  ])('%s', async (_name, token, code) => {
    expect(await refusal(token)).toBe(code);
  });

  test.each(['kid', 'tgt', 'exp', 'hbt', 'fp'])('a header without "%s"', async (field) => {
    expect(await refusal(await foreign({ ...goodHeader, [field]: undefined }, goodClaims))).toBe(
      'TOKEN_HEADER_INVALID',
    );
  });

  test.each([
    ['exp', '2030-01-01'],
    ['hbt', -1],
    ['fp', 'ABCDEF012345'],
    ['tgt', 'two words'],
  ])('a header with "%s" %j', async (field, value) => {
    expect(await refusal(await foreign({ ...goodHeader, [field]: value }, goodClaims))).toBe(
      'TOKEN_HEADER_INVALID',
    );
  });

  test.each([2, '1', undefined])('claims of version %j', async (v) => {
    expect(await refusal(await foreign(goodHeader, { ...goodClaims, v }))).toBe('TOKEN_VERSION_UNKNOWN');
  });

  test.each(Object.keys(goodClaims).filter((name) => name !== 'v'))('claims without "%s"', async (name) => {
    expect(await refusal(await foreign(goodHeader, { ...goodClaims, [name]: undefined }))).toBe(
      'TOKEN_CLAIMS_INVALID',
    );
  });

  test.each<[string, unknown]>([
    ['tok', '!'],
    ['ns', 7],
    ['call', 'neither digest nor user'],
    ['ord', 0],
    ['att', 1.5],
    ['exp', claims.exp + 1],
    ['gra', 3 * claims.heartbeatTimeoutMs - 1],
    ['tok', base64url('another task token')],
  ])('claims with "%s" %j', async (name, value) => {
    expect(await refusal(await foreign(goodHeader, { ...goodClaims, [name]: value }))).toBe(
      'TOKEN_CLAIMS_INVALID',
    );
  });

  test.each(['not json', '[]', 'null', '7'])('claims that are %s', async (sealed) => {
    expect(await refusal(await foreign(goodHeader, sealed))).toMatch(
      /^TOKEN_(CLAIMS_INVALID|VERSION_UNKNOWN)$/,
    );
  });

  test('another audience', async () => {
    expect(await refusal(await seal(ring, claims), ring, { audience: 'other' })).toBe('TOKEN_WRONG_AUDIENCE');
  });

  test('what was made by hand as the protocol says is opened', async () => {
    expect((await open(ring, await foreign(goodHeader, goodClaims), expectations)).claims).toEqual(claims);
  });

  test('no message of a refusal holds the task token', async () => {
    const token = Buffer.from(claims.taskToken).toString('base64url');
    for (const name of Object.keys(goodClaims)) {
      const error = await open(
        ring,
        await foreign(goodHeader, { ...goodClaims, [name]: '' }),
        expectations,
      ).catch((e: Error) => e);
      expect(error).toBeInstanceOf(HandshakeError);
      expect((error as HandshakeError).message).not.toContain(token.slice(0, 12));
    }
  });
});

describe('the deadline', () => {
  const at = (now: number, more: object = {}) => ({ ...expectations, now, enforceExpiry: true, ...more });

  test('counts only where it is asked for, with five minutes for clocks that differ', async () => {
    const token = await seal(ring, claims);
    const minutes = 60_000;
    await open(ring, token, { ...expectations, now: claims.exp + 60 * minutes });
    await open(ring, token, at(claims.exp + 5 * minutes));
    expect(await refusal(token, ring, at(claims.exp + 5 * minutes + 1))).toBe('TOKEN_EXPIRED');
    expect(await refusal(token, ring, at(claims.exp + 1, { leewayMs: 0 }))).toBe('TOKEN_EXPIRED');
    expect(await refusal(token, ring, { ...expectations, enforceExpiry: true } as never)).toBe(
      'TOKEN_EXPIRED',
    );
  });
});
