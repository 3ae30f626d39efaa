/** What credentials may allow: calling agents, reporting as a runner, operating the service. */
export const accessScopes = ['caller', 'runner', 'operator'] as const;

/** A scope that credentials may carry. */
export type AccessScope = (typeof accessScopes)[number];

/** What a policy is written in: the scopes, and callers of a listener that asks for no credentials. */
export type AccessRole = AccessScope | 'anonymous';

/** Who makes a call, as authenticated. */
export interface Principal {
  /** Whose the things are that it makes. Several credentials may belong to one principal. */
  readonly id: string;
  readonly roles: readonly AccessRole[];
  /** Which credentials were used, such as `key:4kq1`: for the log, and for limits. Never a secret. */
  readonly credential: string;
  /** Whether it may send unsealed task tokens, where the service takes any. */
  readonly rawTokens: boolean;
}
