import { ConfigError } from '@token-handshake/service-kit';
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
 * Development defaults trust whoever connects, so they are for this machine only.
 *
 * @throws ConfigError when the server would listen beyond it
 */
export function refuseDevelopmentBeyondLoopback({ server }: StigmerConfig): void {
  if (server.mode !== 'development' || isLoopback(server.listen.host)) return;
  throw new ConfigError([
    {
      option: 'server.listen',
      env: 'STIGMER_LISTEN',
      expected: 'a loopback address, such as 127.0.0.1:50051, with STIGMER_MODE=development',
      received: `"${server.listen.host}"`,
      advice: 'Listen on loopback, or set STIGMER_MODE=production.',
    },
  ]);
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
