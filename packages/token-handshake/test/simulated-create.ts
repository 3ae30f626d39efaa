import type { AdmitRequest, Binding } from '../src/callee/index.ts';
import { type CallId, executionId, type Fingerprint, type TokenDigest } from '../src/ids.ts';

/** The one execution of a simulated call. */
export const id = executionId('aex_1');
/** When the caller's deadline passes, and when a callee takes it for passed. */
export const EXP = 1_000_000;
export const LATE = EXP + 15 * 60_000 + 1;
export const GRACE_MS = 1_000;

/** The `create` of one attempt, as the ledger sees it. */
export function createOf(attempt: number, ord: number, now: number): AdmitRequest {
  const tokenDigest = `token-${attempt}`;
  const binding = {
    ord,
    tokenDigest: tokenDigest as TokenDigest,
    fingerprint: tokenDigest as Fingerprint,
    kid: 'k',
    heartbeatTimeoutMs: 60_000,
    sealed: new Uint8Array(),
  };
  return {
    executionId: id,
    principal: 'anonymous',
    callId: 'user:simulated' as CallId,
    bodySha256: 'body',
    onCallerGone: 'cancel',
    now,
    caller: { target: 'temporal:default', exp: EXP, graceMs: GRACE_MS, binding },
  };
}

/** Which attempt a binding belongs to. */
export function attemptOf({ tokenDigest }: Binding): number {
  return Number(tokenDigest.slice('token-'.length));
}
