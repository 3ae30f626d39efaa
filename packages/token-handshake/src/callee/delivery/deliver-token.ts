import { fingerprintOf, previewOf } from '../../callback/fingerprint.ts';
import type { Clock } from '../../clock.ts';
import { type LedgerView, type Resolution, resolve } from '../../decision/resolve.ts';
import { type Outcome, outcomeKind } from '../../outcome.ts';
import type { Delivery } from '../../verdict.ts';
import type { CompletionAnswer } from '../completion-target.ts';
import { deliveryOf } from './delivery-of.ts';
import type { DeliverySubject, OnDeliveryEvent } from './events.ts';
import { type OpeningOptions, openForDelivery } from './open-for-delivery.ts';

/** A delivery that brings everything with it. */
export interface TokenDelivery {
  /** As it came with the call; an empty one means that nobody waits. */
  readonly callbackToken: Uint8Array;
  readonly outcome: Outcome;
  /** Whether an earlier try may have been taken: then NOT_FOUND is `unconfirmed`. Default: `false`. */
  readonly triedBefore?: boolean;
}

/** What {@link deliverToken} needs. */
export interface TokenDeliveryOptions extends OpeningOptions {
  readonly sendTimeoutMs: number;
  readonly clock: Clock;
  readonly onEvent?: OnDeliveryEvent;
}

/**
 * Delivers by a token alone: one try. Without a ledger no newer token can be known, and a caller that comes again
 * starts a new run; so NOT_FOUND is an end at once: `caller_gone`, or `unconfirmed` after an earlier try.
 */
export async function deliverToken(request: TokenDelivery, options: TokenDeliveryOptions): Promise<Delivery> {
  const { callbackToken, outcome, triedBefore = false } = request;
  const { clock, sendTimeoutMs, onEvent } = options;
  const started = performance.now();
  const report = (subject: DeliverySubject, resolution: Resolution): Delivery => {
    const delivery = deliveryOf(resolution, clock.now());
    onEvent?.({ kind: 'verdict', ...subject, ...delivery, durationMs: performance.now() - started });
    return delivery;
  };
  const unknown = { generation: 0, outcome: outcomeKind(outcome), length: callbackToken.length };
  if (callbackToken.length === 0) {
    return report(unknown, { verdict: 'skipped', generation: 0, effect: { kind: 'none' } });
  }
  const opened = await openForDelivery(callbackToken, options);
  const view = { ...NO_LEDGER, now: clock.now(), answerLost: triedBefore };
  if (opened.kind === 'refused') return report(unknown, resolveOnce(opened.answer, view));
  const { token, target } = opened;
  const subject = {
    ...unknown,
    target: target.name,
    ...(token.claims && {
      fingerprint: fingerprintOf(token.claims.taskToken),
      preview: previewOf(token.claims.taskToken),
    }),
  };
  onEvent?.({ kind: 'attempt', ...subject });
  const answer = await target.send(token, outcome, { timeoutMs: sendTimeoutMs });
  return report(subject, resolveOnce(answer, { ...view, exp: token.claims?.exp }));
}

const NO_LEDGER = {
  triedGeneration: 0,
  generation: 0,
  state: 'open',
  graceMs: 0,
  finishedAck: false,
} as const;

function resolveOnce(answer: CompletionAnswer, view: LedgerView): Resolution {
  return resolve(answer, view, { kind: 'history_not_allowed' });
}
