import type { CallbackClaims } from '../../callback/claims.ts';
import type { KeyRing } from '../../callback/key-ring.ts';
import { open } from '../../callback/open.ts';
import type { ErrorCode } from '../../error-codes.ts';
import { HandshakeError } from '../../handshake-error.ts';
import type { CallbackToken } from '../../ids.ts';
import type { CompletionAnswer, CompletionTarget } from '../completion-target.ts';
import { checkTarget } from '../gate/check-target.ts';
import type { Targets } from '../targets.ts';

/** What opening takes. */
export interface OpeningOptions {
  readonly audience: string;
  readonly keyRing: () => KeyRing;
  readonly targets: Targets;
}

/** A token that may be used, or the answer that refusing it amounts to. */
export type OpenedForDelivery =
  | { readonly kind: 'opened'; readonly claims: CallbackClaims; readonly target: CompletionTarget }
  | { readonly kind: 'refused'; readonly answer: CompletionAnswer; readonly detail: string };

/**
 * Opens a stored token and checks it again, right before it is used: configuration, keys and the namespace may have
 * changed since it was taken in, and the namespace's id may only be known now.
 */
export async function openForDelivery(
  sealed: Uint8Array,
  { audience, keyRing, targets }: OpeningOptions,
): Promise<OpenedForDelivery> {
  try {
    const { claims } = await open(keyRing(), sealed as CallbackToken, { audience });
    const target = targets.get(claims.target);
    await checkTarget(claims, target, audience);
    return { kind: 'opened', claims, target };
  } catch (error) {
    if (!HandshakeError.is(error)) throw error;
    const kind = NOT_ALLOWED.includes(error.code) ? 'denied' : 'malformed';
    const detail = `${error.code}: ${error.message}`;
    return { kind: 'refused', answer: { kind, detail }, detail };
  }
}

/** Refusals that are this callee's configuration speaking, not the token's bytes. */
const NOT_ALLOWED: readonly ErrorCode[] = [
  'TOKEN_KEY_UNKNOWN',
  'TOKEN_WRONG_AUDIENCE',
  'TOKEN_WRONG_TARGET',
  'TOKEN_WRONG_NAMESPACE',
  'TOKEN_ACTIVITY_NOT_ALLOWED',
];
