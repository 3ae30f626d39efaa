import { ConfigError, isLoopback } from '@token-handshake/service-kit';
import type { StigmerConfig } from './config.ts';

/**
 * The keys that secrets are encrypted with.
 *
 * @throws ConfigError when there are none
 */
export function requireSecretsKeys({ storage }: StigmerConfig): readonly Uint8Array[] {
  if (storage.secretsKeys !== undefined) return storage.secretsKeys;
  throw new ConfigError([
    {
      option: 'storage.secretsKeys',
      env: 'STIGMER_SECRETS_KEY',
      expected: '32 random bytes in base64',
      received: 'nothing',
      advice: 'Make a key with `openssl rand -base64 32` and keep it: secrets in the database need it.',
    },
  ]);
}

/**
 * In production nobody gets in without credentials, so that a server which knows none would serve nobody.
 *
 * @throws ConfigError when there is no way in
 */
export function requireCredentials({ server, access }: StigmerConfig): void {
  const { apiKeysFile, jwksFile, jwksUrl, anonymousListen } = access;
  if (server.mode === 'development') return;
  if ([apiKeysFile, jwksFile, jwksUrl, anonymousListen].some((setting) => setting !== undefined)) return;
  throw new ConfigError([
    {
      option: 'access.apiKeysFile',
      env: 'STIGMER_API_KEYS_FILE',
      expected: 'a file with API keys, or the keys of an issuer of JSON Web Tokens (STIGMER_JWKS_URL)',
      received: 'nothing',
      advice:
        'Make a key with `stigmer-server api-key create --file FILE --principal NAME --scope caller`. On a machine of ' +
        'your own, STIGMER_MODE=development asks for none.',
    },
  ]);
}

/**
 * Development mode trusts whoever connects, so it is for this machine only.
 *
 * @throws ConfigError when the server would listen beyond it
 */
export function refuseDevelopmentBeyondLoopback({ server, access }: StigmerConfig): void {
  if (server.mode !== 'development') return;
  const listens = [
    { option: 'server.listen', env: 'STIGMER_LISTEN', address: server.listen },
    { option: 'access.anonymousListen', env: 'STIGMER_ANONYMOUS_LISTEN', address: access.anonymousListen },
  ];
  const problems = listens.flatMap(({ option, env, address }) =>
    address === undefined || isLoopback(address.host)
      ? []
      : {
          option,
          env,
          expected: 'a loopback address, such as 127.0.0.1:50051, with STIGMER_MODE=development',
          received: `"${address.host}"`,
          advice: 'Listen on loopback, or set STIGMER_MODE=production.',
        },
  );
  if (problems.length > 0) throw new ConfigError(problems);
}
