import { takeApart } from '../../callback/compact.ts';
import type { KeyRing } from '../../callback/key-ring.ts';
import { open } from '../../callback/open.ts';
import { HandshakeError } from '../../handshake-error.ts';
import type { CallbackToken } from '../../ids.ts';
import type { CompletionAnswer, CompletionTarget, TargetToken } from '../completion-target.ts';
import { checkTarget } from '../gate/check-target.ts';
import { refusalKind } from '../refusal-kind.ts';
import type { Targets } from '../targets.ts';

/** What opening takes. */
export interface OpeningOptions {
  readonly audience: string;
  readonly keyRing: () => KeyRing;
  readonly targets: Targets;
}

/** A token that may be used, or the answer that refusing it amounts to. */
export type OpenedForDelivery =
  | { readonly kind: 'opened'; readonly token: TargetToken; readonly target: CompletionTarget }
  | { readonly kind: 'refused'; readonly answer: CompletionAnswer; readonly detail: string };

/**
 * Opens a stored token and checks it again, right before it is used: configuration, keys and the namespace may have
 * changed since it was taken in, and the namespace's id may only be known now. A target that takes sealed tokens
 * checks them itself.
 */
export async function openForDelivery(
  bytes: Uint8Array,
  { audience, keyRing, targets }: OpeningOptions,
): Promise<OpenedForDelivery> {
  try {
    const sealed = bytes as CallbackToken;
    const target = targets.get(takeApart(sealed).header.target);
    if (target.takes === 'sealed') return { kind: 'opened', token: { sealed }, target };
    const { claims } = await open(keyRing(), sealed, { audience });
    await checkTarget(claims, target, audience);
    return { kind: 'opened', token: { sealed, claims }, target };
  } catch (error) {
    if (!HandshakeError.is(error)) throw error;
    const kind = refusalKind(error.code);
    const detail = `${error.code}: ${error.message}`;
    return { kind: 'refused', answer: { kind, detail }, detail };
  }
}
