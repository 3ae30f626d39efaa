import type { ServiceName } from './service-name.ts';

/** What the services of one stack have in common. */
export interface ServiceEnvironment {
  /** The rest of the environment: PATH, HOME, certificates, and what a user sets. */
  readonly base: NodeJS.ProcessEnv;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** `host:port` of each service. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly handshakeKeysFile: string;
  readonly stigmerSecretsKey: string;
  readonly stigmerApiKeysFile: string;
  /** What Zigflow shows Stigmer. */
  readonly zigflowApiKey: string;
  readonly databaseFile: string;
  readonly agentsDir: string;
  readonly workflowsDir: string;
  /** Variables that override all others, by service. */
  readonly overrides: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
}

/** The whole environment of a service's process. */
export function environmentOf(name: ServiceName, given: ServiceEnvironment): NodeJS.ProcessEnv {
  const both = {
    ...given.base,
    TEMPORAL_ADDRESS: given.temporalAddress,
    TEMPORAL_NAMESPACE: given.temporalNamespace,
    HANDSHAKE_KEYS_FILE: given.handshakeKeysFile,
    LOG_FORMAT: 'json',
  };
  switch (name) {
    case 'stigmer':
      return {
        ...both,
        STIGMER_LISTEN: given.addresses.stigmer,
        STIGMER_DB: given.databaseFile,
        STIGMER_SECRETS_KEY: given.stigmerSecretsKey,
        STIGMER_API_KEYS_FILE: given.stigmerApiKeysFile,
        AGENTS_DIR: given.agentsDir,
        ...given.overrides.stigmer,
      };
    case 'zigflow':
      return {
        ...both,
        ZIGFLOW_LISTEN: given.addresses.zigflow,
        STIGMER_BACKEND_ENDPOINT: `http://${given.addresses.stigmer}`,
        STIGMER_API_KEY: given.zigflowApiKey,
        WORKFLOWS_DIR: given.workflowsDir,
        ...given.overrides.zigflow,
      };
  }
}

const inherited: ReadonlySet<string> = new Set(
  'PATH HOME USER LANG LC_ALL TZ TMPDIR TEMP TMP NODE_OPTIONS NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR'.split(
    ' ',
  ),
);

/** Of an environment only what any program needs, so that nothing in it configures a service by accident. */
export function bareEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => inherited.has(name)));
}
