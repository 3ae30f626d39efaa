import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type JwtAuthentication, jwtAuthentication } from './jwt.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const MINUTE_S = 60;
const issuer = 'https://issuer.example/';
const audience = 'stigmer';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let own: KeyPair;
let foreign: KeyPair;
let jwks: string;
let authenticate: JwtAuthentication;

beforeAll(async () => {
  own = await generateKeyPair('ES256', { extractable: true });
  foreign = await generateKeyPair('ES256');
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256' }] });
  authenticate = jwtAuthentication({ keys: { jwks }, issuer, audience, scopeClaim: 'scope' });
});

interface TokenParts {
  readonly claims?: Record<string, unknown>;
  readonly key?: Parameters<SignJWT['sign']>[0];
  readonly alg?: string;
}

function token({ claims = {}, key = own.privateKey, alg = 'ES256' }: TokenParts = {}): Promise<string> {
  const exp = NOW / 1_000 + 5 * MINUTE_S;
  return new SignJWT({ iss: issuer, aud: audience, sub: 'ada', exp, scope: 'openid caller', ...claims })
    .setProtectedHeader({ alg, kid: 'one' })
    .sign(key);
}

describe('a JSON Web Token', () => {
  test('names its principal apart from those of API keys, and of its scopes those that are ours', async () => {
    expect(await authenticate(await token(), NOW)).toEqual({
      kind: 'principal',
      principal: { id: 'jwt:ada', roles: ['caller'], credential: 'jwt:ada', rawTokens: false },
    });
    const several = await token({ claims: { scope: ['operator', 'anonymous', 'runner', 7] } });
    expect(await authenticate(several, NOW)).toMatchObject({ principal: { roles: ['runner', 'operator'] } });
    const none = await token({ claims: { scope: { caller: true } } });
    expect(await authenticate(none, NOW)).toMatchObject({ principal: { roles: [] } });
  });

  test.each<[string, () => Promise<string>, string]>([
    ['of a stranger', () => token({ key: foreign.privateKey }), 'unknown'],
    ['of another issuer', () => token({ claims: { iss: 'https://else.example/' } }), 'unknown'],
    ['for another service', () => token({ claims: { aud: 'else' } }), 'unknown'],
    ['without a time', () => token({ claims: { exp: undefined } }), 'unknown'],
    ['without a subject', () => token({ claims: { sub: undefined } }), 'unknown'],
    ['with an empty subject', () => token({ claims: { sub: '' } }), 'malformed'],
    ['that has expired', () => token({ claims: { exp: NOW / 1_000 - 2 * MINUTE_S } }), 'expired'],
    [
      'that is signed with what everybody has',
      () => token({ key: Buffer.from(jwks), alg: 'HS256' }),
      'unknown',
    ],
    [
      'that nobody signed',
      async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
      'unknown',
    ],
    ['that is none', async () => 'a.b.c', 'unknown'],
  ])('%s does not count', async (_name, make, reason) => {
    expect(await authenticate(await make(), NOW)).toEqual({ kind: 'refused', reason });
  });
});

describe('keys from a URL', () => {
  let answer: { status: number; body: string };
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  let url: URL;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('are fetched; while that fails nobody is called a stranger', async () => {
    const byUrl = jwtAuthentication({ keys: { url }, issuer, audience, scopeClaim: 'scope' });
    answer = { status: 503, body: '' };
    expect(await byUrl(await token(), NOW)).toMatchObject({ kind: 'unchecked' });
    answer = { status: 200, body: '{"no":"keys"}' };
    expect(await byUrl(await token(), NOW)).toMatchObject({ kind: 'unchecked' });
    answer = { status: 200, body: jwks };
    expect(await byUrl(await token(), NOW)).toMatchObject({ kind: 'principal' });
    expect(await byUrl(await token({ key: foreign.privateKey }), NOW)).toMatchObject({ kind: 'refused' });
  });

  test('are out of reach when nobody is there', async () => {
    const nowhere = new URL('http://127.0.0.1:1/jwks');
    const byUrl = jwtAuthentication({ keys: { url: nowhere }, issuer, audience, scopeClaim: 'scope' });
    expect(await byUrl(await token(), NOW)).toMatchObject({ kind: 'unchecked' });
  });
});
