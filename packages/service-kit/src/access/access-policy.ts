import type { AccessRole } from './principal.ts';

/** Whose things a method shows and changes: those of the principal who calls, or everybody's. */
export type Reach = 'own' | 'all';

/**
 * Who may call which method (`package.Service/method`), and how far it reaches then. A method that is not listed may be
 * called by nobody.
 */
export type AccessPolicy = Readonly<Record<string, Readonly<Partial<Record<AccessRole, Reach>>>>>;

/** The furthest reach that any of the roles has in a method; `undefined` when they may not call it. */
export function reachOf(
  policy: AccessPolicy,
  method: string,
  roles: readonly AccessRole[],
): Reach | undefined {
  const allowed = Object.hasOwn(policy, method) ? policy[method] : undefined;
  const reaches = roles.map((role) => allowed?.[role]);
  return reaches.includes('all') ? 'all' : reaches.find((reach) => reach !== undefined);
}
