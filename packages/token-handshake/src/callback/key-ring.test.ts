import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { HandshakeError } from '../handshake-error.ts';
import { KeyRing, type KeyRingOptions } from './key-ring.ts';
import { generateKeySet } from './key-set.ts';

const [key] = generateKeySet().keys as [ReturnType<typeof generateKeySet>['keys'][number]];

function refusal(jwks: unknown, options?: KeyRingOptions): HandshakeError {
  try {
    KeyRing.fromJwks(jwks, options);
  } catch (error) {
    if (HandshakeError.is(error)) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a key set', () => {
  test('is taken as an object and as JSON, the first key sealing', () => {
    const other = generateKeySet().keys[0];
    const set = { keys: [key, { ...other, alg: 'dir', use: undefined }] };
    for (const jwks of [set, JSON.stringify(set)]) {
      const ring = KeyRing.fromJwks(jwks);
      expect(ring.kids()).toEqual([key.kid, other?.kid]);
      expect(ring.sealingKey().kid).toBe(key.kid);
      expect(ring.key('unknown')).toBeUndefined();
    }
  });

  test('is made anew each time, for a pair of services if they are named', () => {
    expect(generateKeySet().keys[0]?.k).not.toBe(key.k);
    expect(generateKeySet({ issuer: 'a', audience: 'b' }).keys[0]).toMatchObject({ iss: 'a', aud: 'b' });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['text that is no JSON', '{"keys":'],
    ['a key alone', key],
    ['no key', { keys: [] }],
    ['two keys of one id', { keys: [key, { ...key }] }],
    ['a key that is no object', { keys: ['secret'] }],
    ['a key without an id', { keys: [{ ...key, kid: undefined }] }],
    ['a key id with a line break', { keys: [{ ...key, kid: 'a\nb' }] }],
    ['a public key', { keys: [{ ...key, kty: 'RSA' }] }],
    ['a key for something else', { keys: [{ ...key, alg: 'HS256' }] }],
    ['a key without an algorithm', { keys: [{ ...key, alg: undefined }] }],
    ['a key for signing', { keys: [{ ...key, use: 'sig' }] }],
    ['a key of 128 bits', { keys: [{ ...key, k: Buffer.alloc(16, 1).toString('base64url') }] }],
    ['a key in Base64 of another kind', { keys: [{ ...key, k: `${key.k}=` }] }],
    ['a key without its bytes', { keys: [{ ...key, k: undefined }] }],
    ['an audience that is no text', { keys: [{ ...key, aud: 1 }] }],
    ['an issuer that is no text', { keys: [{ ...key, iss: {} }] }],
  ])('of %s is refused, saying how to make one', (_name, jwks) => {
    const error = refusal(jwks);
    expect(error.code).toBe('KEYS_INVALID');
    expect(error.message).toContain('generateKeySet()');
    expect(error.message).not.toContain(key.k);
  });

  test('with one bad key among good ones is refused, naming it', () => {
    expect(refusal({ keys: [key, { ...key, kid: 'second', k: 'x' }] }).message).toContain(
      'key 2 of the set, "second"',
    );
  });
});

describe('a ring for a pair of services', () => {
  const keys = [
    { ...key, kid: 'ab', iss: 'a', aud: 'b' },
    { ...key, kid: 'ac', iss: 'a', aud: 'c' },
    { ...key, kid: 'any' },
  ];

  test.each<[KeyRingOptions, string[]]>([
    [{}, ['ab', 'ac', 'any']],
    [{ issuer: 'a' }, ['ab', 'ac', 'any']],
    [{ audience: 'c' }, ['ac', 'any']],
    [{ issuer: 'z', audience: 'c' }, ['any']],
  ])('takes of a set what is for %j', (options, kids) => {
    expect(KeyRing.fromJwks({ keys }, options).kids()).toEqual(kids);
  });

  test('is refused where no key is for it, naming the pair', () => {
    const error = refusal({ keys: keys.slice(0, 1) }, { issuer: 'z', audience: 'b' });
    expect(error.code).toBe('KEYS_INVALID');
    expect(error.message).toContain('aud "b" and iss "z"');
  });
});

test('a ring that is logged by mistake gives no key away', () => {
  const ring = KeyRing.fromJwks({ keys: [key] });
  const seen = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify({ ring });
  expect(seen).toContain(key.kid);
  expect(seen).not.toContain(key.k);
});
