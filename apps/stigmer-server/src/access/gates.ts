import {
  accessGate,
  anonymousAuthenticator,
  bearerAuthenticator,
  createRequestLimit,
  type Logger,
  type Principal,
  type RequestGate,
} from '@token-handshake/service-kit';
import type { StigmerConfig } from '../config.ts';
import type { StigmerContext } from '../context.ts';
import type { Credentials } from './credentials.ts';
import { ACCESS_POLICY } from './policy.ts';

/** Who sends no credentials where none are asked for. May send unsealed tokens where the server takes any. */
const ANONYMOUS: Principal = {
  id: 'anonymous',
  roles: ['anonymous'],
  credential: 'anonymous',
  rawTokens: true,
};
/** Who sends no credentials to a server in development mode. */
const DEVELOPMENT: Principal = {
  id: 'development',
  roles: ['caller', 'runner', 'operator'],
  credential: 'development',
  rawTokens: true,
};

/** The gates of the server's two addresses. */
export interface Gates {
  /** Asks who calls; in development mode, whoever sends no credentials may do anything. */
  readonly main: RequestGate;
  /** Asks nobody. */
  readonly anonymous: RequestGate;
}

/** Makes the gates. */
export function accessGates(
  config: StigmerConfig,
  credentials: Credentials,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: StigmerContext['metrics'] },
): Gates {
  const { mode } = config.server;
  const shared = {
    policy: ACCESS_POLICY,
    limit: createRequestLimit({
      perSecond: config.limits.requestsPerSecond,
      burst: config.limits.requestBurst,
    }),
    logger,
    onRefused: (reason: string) => metrics.stigmer_access_refusals_total.inc({ reason }),
  };
  const bearer = bearerAuthenticator({
    apiKeys: credentials.apiKeys,
    jwt: credentials.jwt,
    ...(mode === 'development' && { without: DEVELOPMENT }),
  });
  return {
    main: accessGate({ ...shared, authenticator: bearer }),
    anonymous: accessGate({ ...shared, authenticator: anonymousAuthenticator(ANONYMOUS) }),
  };
}
