import type { ConnectError, HandlerContext } from '@connectrpc/connect';
import { Health } from '@token-handshake/proto/health';
import type { Logger } from '../logging/create-logger.ts';
import { grantAccess } from './access.ts';
import { type AccessPolicy, reachOf } from './access-policy.ts';
import type { Authenticator, CredentialRefusal } from './authenticator.ts';
import { accessError } from './error-codes.ts';
import type { RequestLimit } from './request-limit.ts';

/** Why a call was not let in. */
export type AccessRefusal = CredentialRefusal | 'unchecked' | 'rate' | 'scope';

/** What {@link accessGate} takes. */
export interface AccessGateOptions {
  readonly authenticator: Authenticator;
  readonly policy: AccessPolicy;
  /** How often the same credentials may be used. */
  readonly limit: RequestLimit;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told of each call that is not let in. */
  readonly onRefused?: (reason: AccessRefusal) => void;
}

/** Decides about a call by its head, before its body is read. */
export type RequestGate = (context: HandlerContext) => Promise<void>;

const CREDENTIALS_MESSAGE =
  'expected credentials that count here: send `authorization: Bearer <API key or JWT>`';

/**
 * Lets a call in, or refuses it before a byte of its body is read:
 *
 * 1. Who is it? No credentials and wrong ones get one and the same answer.
 * 2. Were these credentials used too often?
 * 3. May it call this method? How far that reaches is noted for the handler, with the principal.
 *
 * Health checks are open to all, and not counted.
 */
export function accessGate(options: AccessGateOptions): RequestGate {
  const { authenticator, policy, limit, logger, onRefused = () => {} } = options;
  return async ({ service, method, requestHeader, values }) => {
    if (service.typeName === Health.typeName) return;
    const rpc = `${service.typeName}/${method.name}`;
    const refuse = (reason: AccessRefusal, error: ConnectError, credential?: string): ConnectError => {
      onRefused(reason);
      logger.info({ rpc, reason, ...(credential !== undefined && { credential }) }, 'call not let in');
      return error;
    };

    const authentication = await authenticator.authenticate(requestHeader);
    if (authentication.kind === 'unchecked') {
      logger.warn({ err: authentication.cause }, 'credentials could not be checked');
      throw refuse(
        'unchecked',
        accessError('CREDENTIALS_UNCHECKED', 'the credentials cannot be checked at present: try again'),
      );
    }
    if (authentication.kind === 'refused') {
      throw refuse(authentication.reason, accessError('CREDENTIALS_REFUSED', CREDENTIALS_MESSAGE));
    }
    const { principal } = authentication;
    const { credential } = principal;
    const waitMs = await limit.take(credential);
    if (waitMs > 0) {
      const message = `at most ${limit.perSecond} requests a second with these credentials: wait ${waitMs} ms`;
      const error = accessError('REQUEST_RATE_EXCEEDED', message, { 'retry-after-ms': String(waitMs) });
      throw refuse('rate', error, credential);
    }
    const reach = reachOf(policy, rpc, principal.roles);
    if (reach === undefined) {
      const message = `the credentials do not allow "${rpc}": use some with another scope`;
      throw refuse('scope', accessError('SCOPE_MISSING', message), credential);
    }
    grantAccess(values, { principal, reach });
  };
}
