import type { AdmitRequest, Binding, Call, NewBinding } from '../callee/ledger.ts';
import type { ExecutionId } from '../ids.ts';
import type { CallState } from '../verdict.ts';

/** What is known of a call when a `create` for it comes. */
export interface KnownCall {
  readonly call: Call;
  /** The binding that counts; absent for a call that had no token so far. */
  readonly newest?: Binding | undefined;
}

/**
 * What a `create` is to do.
 *
 * - `create`: nobody knows the call: a new row.
 * - `bind`: its token becomes the newest binding; `reopen` says whether the row's end is taken back.
 * - `keep`: nothing changes, and the answer is the same.
 * - `refuse`: nothing changes, and the answer is the error of that code.
 *
 * `sameBody` is `false` where the request differs from the first one, which wins: it is worth a line in the log.
 */
export type RebindDecision =
  | { readonly kind: 'create' }
  | { readonly kind: 'bind'; readonly reopen: boolean; readonly sameBody: boolean }
  | { readonly kind: 'keep'; readonly sameBody: boolean }
  | { readonly kind: 'refuse'; readonly code: 'TOKEN_REUSED' | 'IDEMPOTENCY_KEY_REUSED' };

/**
 * Ends that a newer token takes back: the caller that was taken for gone is there again. `skipped` means that there
 * was no token, and now there is one.
 */
const REOPENED: readonly CallState[] = ['caller_gone', 'unconfirmed', 'expired', 'skipped'];

/**
 * Decides what a `create` does to a call.
 *
 * Which of two tokens is newer is said by `ord`, the time at which the caller's attempt was scheduled: creates may
 * come late, twice and in any order, and attempt numbers start again after a reset. Tokens without `ord` count in
 * the order in which they first come.
 *
 * @param known the call of this principal and call id, if there is one
 * @param request the `create`
 * @param tokenOwner the execution that the request's token is bound to already, if any
 */
export function rebind(
  known: KnownCall | undefined,
  request: Pick<AdmitRequest, 'bodySha256' | 'caller'>,
  tokenOwner?: ExecutionId,
): RebindDecision {
  const token = request.caller?.binding;
  if (token && tokenOwner !== undefined && tokenOwner !== known?.call.executionId) {
    return { kind: 'refuse', code: 'TOKEN_REUSED' };
  }
  if (!known) return { kind: 'create' };
  const sameBody = known.call.bodySha256 === request.bodySha256;
  if (!token)
    return sameBody ? { kind: 'keep', sameBody } : { kind: 'refuse', code: 'IDEMPOTENCY_KEY_REUSED' };
  if (tokenOwner !== undefined || !isNewer(token, known.newest)) return { kind: 'keep', sameBody };
  return { kind: 'bind', reopen: REOPENED.includes(known.call.state), sameBody };
}

function isNewer(token: NewBinding, newest: Binding | undefined): boolean {
  if (!newest) return true;
  if (token.tokenDigest === newest.tokenDigest) return false;
  if (token.ord === undefined || newest.ord === undefined) return true;
  return token.ord > newest.ord;
}
