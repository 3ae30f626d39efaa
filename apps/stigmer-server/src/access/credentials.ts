import { readFile } from 'node:fs/promises';
import {
  type ApiKeyEntry,
  ConfigError,
  type JwtAuthentication,
  type JwtOptions,
  jwtAuthentication,
  parseApiKeyFile,
} from '@token-handshake/service-kit';
import type { StigmerConfig } from '../config.ts';

/** The credentials that count, which can be read again while the server runs. */
export interface Credentials {
  /** By id. */
  readonly apiKeys: () => ReadonlyMap<string, ApiKeyEntry>;
  readonly jwt: () => JwtAuthentication | undefined;
  /**
   * Puts what the files say now in force, if it can be used; else nothing changes.
   *
   * @throws ConfigError
   */
  reload(): Promise<void>;
}

interface Read {
  readonly apiKeys: ReadonlyMap<string, ApiKeyEntry>;
  readonly jwt: JwtAuthentication | undefined;
}

/**
 * Reads the credentials. No setting names any: none count.
 *
 * @throws ConfigError when what is named cannot be used
 */
export async function readCredentials(settings: StigmerConfig['access']): Promise<Credentials> {
  let credentials = await read(settings);
  return {
    apiKeys: () => credentials.apiKeys,
    jwt: () => credentials.jwt,
    async reload() {
      credentials = await read(settings);
    },
  };
}

async function read(settings: StigmerConfig['access']): Promise<Read> {
  return { apiKeys: await readApiKeys(settings), jwt: await readJwt(settings) };
}

async function readApiKeys({ apiKeysFile }: StigmerConfig['access']): Promise<Read['apiKeys']> {
  if (apiKeysFile === undefined) return new Map();
  const env = 'STIGMER_API_KEYS_FILE';
  const text = await textOf(apiKeysFile, 'access.apiKeysFile', env);
  try {
    return new Map(parseApiKeyFile(text).map((entry) => [entry.id, entry]));
  } catch (error) {
    throw problem('access.apiKeysFile', env, 'a key file', `"${apiKeysFile}"`, messageOf(error));
  }
}

async function readJwt(settings: StigmerConfig['access']): Promise<JwtAuthentication | undefined> {
  const { jwksFile, jwksUrl, jwtIssuer, jwtAudience, jwtScopeClaim } = settings;
  if (jwksFile !== undefined && jwksUrl !== undefined) {
    const advice = 'Keep one of the two.';
    throw problem(
      'access.jwksUrl',
      'STIGMER_JWKS_URL',
      'either a file or a URL for the keys of JSON Web Tokens',
      'both',
      advice,
    );
  }
  if (jwksFile === undefined && jwksUrl === undefined) {
    const left = jwtIssuer === undefined ? jwtAudience : jwtIssuer;
    if (left === undefined) return undefined;
    throw problem(
      'access.jwksUrl',
      'STIGMER_JWKS_URL',
      'the keys that tokens of the named issuer are checked with',
      'nothing',
      'Set it or STIGMER_JWKS_FILE.',
    );
  }
  const issuer = required(jwtIssuer, 'access.jwtIssuer', 'STIGMER_JWT_ISSUER', 'the issuer of the tokens');
  const audience = required(
    jwtAudience,
    'access.jwtAudience',
    'STIGMER_JWT_AUDIENCE',
    'the audience of the tokens',
  );
  const keys: JwtOptions['keys'] =
    jwksUrl === undefined
      ? { jwks: await textOf(jwksFile ?? '', 'access.jwksFile', 'STIGMER_JWKS_FILE') }
      : { url: new URL(jwksUrl) };
  try {
    return jwtAuthentication({ keys, issuer, audience, scopeClaim: jwtScopeClaim });
  } catch {
    throw problem(
      'access.jwksFile',
      'STIGMER_JWKS_FILE',
      'a JWK set',
      `"${jwksFile}"`,
      'Write the issuer’s public keys there: {"keys": […]}.',
    );
  }
}

function required(value: string | undefined, option: string, env: string, expected: string): string {
  if (value !== undefined) return value;
  throw problem(
    option,
    env,
    expected,
    'nothing',
    'Without it, tokens that are meant for others would count.',
  );
}

async function textOf(path: string, option: string, env: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw problem(option, env, 'a file that can be read', `"${path}"`, messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function problem(
  option: string,
  env: string,
  expected: string,
  received: string,
  advice: string,
): ConfigError {
  return new ConfigError([{ option, env, expected, received, advice }]);
}
