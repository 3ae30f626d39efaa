import { type ContextValues, createContextKey } from '@connectrpc/connect';
import type { Reach } from './access-policy.ts';
import type { Principal } from './principal.ts';

/** What one call may do. */
export interface Access {
  readonly principal: Principal;
  readonly reach: Reach;
}

const accessKey = createContextKey<Access | undefined>(undefined, { description: 'access' });

/** Notes what a call may do, for its handler. */
export function grantAccess(values: ContextValues, access: Access): void {
  values.set(accessKey, access);
}

/** What a call may do; `undefined` on a server without an access gate, and for health checks. */
export function findAccess(values: ContextValues): Access | undefined {
  return values.get(accessKey);
}

/**
 * What a call may do.
 *
 * @throws Error when no access gate let it in: that is a bug of the service
 */
export function accessOf(values: ContextValues): Access {
  const access = findAccess(values);
  if (access !== undefined) return access;
  throw new Error('expected an access gate to have let the call in: give the server one');
}
