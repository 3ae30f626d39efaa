import type { TemporalEndpoint } from '@token-handshake/service-kit';
import type { TemporalDefinition } from './target-definitions.ts';
import type { TargetProblems } from './target-problems.ts';

/** The one target that may go without an address. */
const OWN_TEMPORAL = 'temporal:default';

/** How a Temporal target is reached, with its certificates and key read; `undefined` for the server's own Temporal. */
export async function temporalReach(
  place: string,
  definition: TemporalDefinition,
  problems: TargetProblems,
): Promise<TemporalEndpoint | undefined> {
  const { name, address, namespace = 'default', tls } = definition;
  if (address === undefined) {
    const needless = (['namespace', 'tls', 'apiKey', 'apiKeyFile'] as const).filter(
      (key) => definition[key] !== undefined,
    );
    for (const key of needless) problems.add(`${place}.${key}`, 'an address beside it', 'none');
    if (name === OWN_TEMPORAL) return undefined;
    return problems.add(`${place}.address`, 'host:port', 'nothing');
  }
  const apiKey = await apiKeyOf(place, definition, problems);
  const resolved = typeof tls === 'object' ? await tlsOf(`${place}.tls`, tls, problems) : tls;
  return {
    address,
    namespace,
    ...(resolved !== undefined && { tls: resolved }),
    ...(apiKey !== undefined && { apiKey }),
  };
}

async function apiKeyOf(
  place: string,
  { apiKey, apiKeyFile }: TemporalDefinition,
  problems: TargetProblems,
): Promise<string | undefined> {
  if (apiKey !== undefined && apiKeyFile !== undefined) {
    return problems.add(`${place}.apiKey`, 'either a key or the file with it', 'both');
  }
  const content = await problems.read(`${place}.apiKeyFile`, apiKeyFile);
  return apiKey ?? content?.toString('utf8').trim();
}

async function tlsOf(
  place: string,
  tls: Exclude<TemporalDefinition['tls'], boolean | undefined>,
  problems: TargetProblems,
): Promise<NonNullable<TemporalEndpoint['tls']>> {
  const { caFile, certFile, keyFile, serverName } = tls;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.add(place, 'both the certificate and its key', 'only one of the two');
  }
  const authority = await problems.read(`${place}.caFile`, caFile);
  const crt = await problems.read(`${place}.certFile`, certFile);
  const key = await problems.read(`${place}.keyFile`, keyFile);
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(authority && { serverRootCACertificate: authority }),
    ...(crt && key && { clientCertPair: { crt, key } }),
  };
}
