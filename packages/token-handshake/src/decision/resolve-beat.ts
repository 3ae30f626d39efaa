import type { BeatAnswer } from '../callee/completion-target.ts';
import type { Look } from './look.ts';
import { closedBefore, type LedgerView, type Resolution, resolveAbsence, superseded } from './resolve.ts';

/**
 * What a beat's answer asks for.
 *
 * - `alive`: the caller waits; nothing to do, also while it is paused.
 * - `cancel`: the caller's activity was asked to cancel: cancel the run, with the cause `caller`.
 * - `resolved`: the beat found nobody; as a completion's NOT_FOUND is resolved.
 * - `problem`: the beat did not come through; try again at the next one.
 */
export type BeatDecision =
  | { readonly kind: 'alive'; readonly paused: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'resolved'; readonly resolution: Resolution }
  | { readonly kind: 'problem'; readonly detail: string };

/** Turns what came back with a beat into what to do. A beat alone never says that an outcome was delivered. */
export function resolveBeat(answer: BeatAnswer, view: LedgerView, look: Look): BeatDecision {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'alive', paused: false };
    case 'paused':
      return { kind: 'alive', paused: true };
    case 'cancel_requested':
      return { kind: 'cancel' };
    case 'denied':
    case 'unreachable':
      return { kind: 'problem', detail: answer.detail };
    case 'reset':
      // The attempt takes heartbeats and an outcome until it ends, and the next one will call again: nobody is gone.
      return { kind: 'resolved', resolution: absence(view, { kind: 'pending' }) };
    case 'not_found':
      return { kind: 'resolved', resolution: absence(view, look) };
  }
}

function absence(view: LedgerView, look: Look): Resolution {
  if (view.state !== 'open') return closedBefore(view, view.state);
  if (view.generation !== view.triedGeneration) return superseded(view);
  return resolveAbsence(view, look, 'caller_gone');
}
