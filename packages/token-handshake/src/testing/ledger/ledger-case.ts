import type { AdmitRequest, Ledger, NewBinding } from '../../callee/ledger.ts';
import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../../ids.ts';

/** One behaviour that every adapter of the ledger has. */
export interface LedgerCase {
  /** A sentence: what the ledger does. */
  readonly name: string;
  /** Rejects with an `AssertionError` where the adapter does something else. Needs an empty ledger. */
  readonly run: (ledger: Ledger) => Promise<void>;
}

export const NOW = 1_750_000_000_000;
export const HOUR = 3_600_000;

export const execution = (value: string) => value as ExecutionId;

export interface Create {
  readonly id?: string;
  readonly principal?: string;
  readonly callId?: string;
  readonly body?: string;
  readonly now?: number;
  readonly token?: {
    readonly name: string;
    readonly ord?: number;
    readonly hbt?: number;
    readonly kid?: string;
  };
}

export function create({
  id = 'aex_1',
  principal = 'anonymous',
  callId = 'call-1',
  body = 'body-1',
  now = NOW,
  token,
}: Create) {
  const request: AdmitRequest = {
    executionId: execution(id),
    principal,
    callId: callId as CallId,
    bodySha256: body,
    onCallerGone: 'cancel',
    now,
    ...(token && {
      caller: { target: 'temporal:default', exp: NOW + HOUR, graceMs: 90_000, binding: bindingOf(token) },
    }),
  };
  return request;
}

export function bindingOf({
  name,
  ord,
  hbt = 30_000,
  kid = 'key-1',
}: NonNullable<Create['token']>): NewBinding {
  return {
    ...(ord !== undefined && { ord }),
    att: 1,
    tokenDigest: `digest of ${name}` as TokenDigest,
    fingerprint: name as Fingerprint,
    kid,
    heartbeatTimeoutMs: hbt,
    sealed: new TextEncoder().encode(`sealed ${name}`),
  };
}

export const first = { name: 'token-1', ord: 1_000 };
export const second = { name: 'token-2', ord: 2_000 };
