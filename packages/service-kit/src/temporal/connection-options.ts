import { readFile } from 'node:fs/promises';
import type { TLSConfig } from '@temporalio/worker';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/define-config.ts';
import { temporalSettings } from '../config/setting-groups.ts';

/** How to reach one Temporal namespace. */
export interface TemporalEndpoint {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Default: TLS only when there is an API key. */
  readonly tls?: TLSConfig | boolean;
  readonly apiKey?: string;
}

type TemporalSettings = Config<{ readonly temporal: typeof temporalSettings }>['temporal'];

/**
 * Turns the shared settings into an endpoint, reading the certificate files.
 *
 * @throws ConfigError when a file cannot be read, or half of a certificate pair is missing.
 */
export async function temporalEndpoint(settings: TemporalSettings): Promise<TemporalEndpoint> {
  const { address, namespace, apiKey } = settings;
  const tls = await tlsOf(settings);
  return {
    address,
    namespace,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

async function tlsOf(settings: TemporalSettings): Promise<TLSConfig | boolean | undefined> {
  const { tls, tlsServerName, tlsCaFile, tlsCertFile, tlsKeyFile } = settings;
  if (tls === false) return false;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    const missing = tlsCertFile === undefined ? 'tlsCertFile' : 'tlsKeyFile';
    throw problem(missing, 'both the certificate and its key', 'only one of the two');
  }
  const authority = await readSetting('tlsCaFile', tlsCaFile);
  const certificate = await readSetting('tlsCertFile', tlsCertFile);
  const key = await readSetting('tlsKeyFile', tlsKeyFile);
  const config: TLSConfig = {
    ...(tlsServerName === undefined ? {} : { serverNameOverride: tlsServerName }),
    ...(authority === undefined ? {} : { serverRootCACertificate: authority }),
    ...(certificate === undefined || key === undefined ? {} : { clientCertPair: { crt: certificate, key } }),
  };
  return Object.keys(config).length > 0 ? config : tls;
}

type FileSetting = 'tlsCaFile' | 'tlsCertFile' | 'tlsKeyFile';

async function readSetting(option: FileSetting, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw problem(option, 'a file that can be read', `${JSON.stringify(path)} (${code})`);
  }
}

function problem(option: FileSetting, expected: string, received: string): ConfigError {
  const { env, doc } = temporalSettings[option];
  return new ConfigError([
    { option: `temporal.${option}`, env, expected, received, advice: `Set ${env}: ${doc}` },
  ]);
}
