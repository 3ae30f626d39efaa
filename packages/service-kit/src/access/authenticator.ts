import type { Principal } from './principal.ts';

/** Why credentials do not count. For the service's log and metrics only: whoever calls hears nothing of it. */
export type CredentialRefusal = 'missing' | 'malformed' | 'unknown' | 'expired' | 'unwanted';

/** What came of looking at a call's credentials. */
export type Authentication =
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: CredentialRefusal }
  /** They may be good: what they are checked with is out of reach. */
  | { readonly kind: 'unchecked'; readonly cause: unknown };

/** Finds out who calls, by the request's headers. */
export interface Authenticator {
  authenticate(headers: Headers): Promise<Authentication>;
}

/** An {@link Authentication} that says no. */
export function refused(reason: CredentialRefusal): Authentication {
  return { kind: 'refused', reason };
}
