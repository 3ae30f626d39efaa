import { CLOCK_LEEWAY_MS } from '../callback/open.ts';
import type { CompletionAnswer } from '../callee/completion-target.ts';
import type { VerdictEffect } from '../callee/ledger.ts';
import type { CallState, ClosingVerdict, Verdict } from '../verdict.ts';
import type { Look } from './look.ts';

/** The row of a call, read after the answer came, and what was tried. */
export interface LedgerView {
  /** The generation that the answer is about. */
  readonly triedGeneration: number;
  /** The row's generation now. */
  readonly generation: number;
  readonly state: CallState;
  readonly now: number;
  /** The caller's deadline; absent where it is not known. */
  readonly exp?: number | undefined;
  /** How long a caller that cannot be asked is waited for. */
  readonly graceMs: number;
  /** Since when this generation's NOT_FOUND has gone unresolved, as the row has it. */
  readonly unboundSince?: number | undefined;
  /** Since when this server has taken creates: a caller can come again only since then. Default: always. */
  readonly acceptingSince?: number | undefined;
  /** Whether an earlier completion went out whose answer never came: it may have been taken. */
  readonly answerLost: boolean;
  /** Whether some `create` was answered with the final: the caller may have taken it from there. */
  readonly finishedAck: boolean;
}

/**
 * A callee's clock may be wrong by 10 minutes. Where nobody tells it how things are, it lets so much more than its
 * leeway pass before it takes a deadline for passed.
 */
const UNTOLD_LEEWAY_MS = 10 * 60_000;

/** What an answer means, and what to write. `none`: the row stays as it is. */
export interface Resolution {
  readonly verdict: Verdict;
  readonly generation: number;
  readonly effect: VerdictEffect | { readonly kind: 'none' };
  readonly detail?: string;
}

/**
 * Turns the answer of the caller's side into a verdict.
 *
 * NOT_FOUND is not a verdict. It is resolved in this order:
 * 1. A newer binding exists: `superseded`.
 * 2. Somebody who knows was asked. Pending: `unbound`, nothing is closed. Closed by us: `delivered`; by a worker after
 *    an answered final: `collected`; otherwise `caller_gone`. How it closed may not be read: `unconfirmed` if the
 *    answer to an earlier completion was lost, else `caller_gone`.
 * 3. Nobody may be asked: `unbound` for the grace, then as where the history may not be read.
 *
 * Whoever was asked and did not answer is asked again, until long past the deadline.
 */
export function resolve(answer: CompletionAnswer, view: LedgerView, look: Look): Resolution {
  if (answer.kind === 'ok') return close(view, 'delivered');
  if (view.state !== 'open') return closedBefore(view, view.state);
  if (view.generation !== view.triedGeneration) return superseded(view);
  switch (answer.kind) {
    case 'not_found':
      return resolveAbsence(view, look, 'caller_gone');
    case 'malformed':
      return close(view, 'malformed', answer.detail);
    case 'not_requested':
      return close(view, 'malformed', 'a cancellation was reported that nobody had requested');
    case 'denied':
      return close(view, 'denied', answer.detail);
    case 'oversize':
      return close(view, 'oversize', `${answer.bytes} bytes, even trimmed`);
    case 'unreachable':
      return isLongPastDeadline(view)
        ? close(view, 'unreachable', answer.detail)
        : unreachable(view, answer.detail);
  }
}

/**
 * What becomes of an open row whose deadline has passed: as for NOT_FOUND, but its end is `expired`. A caller that is
 * pending all the same (paused, say) stays waited for.
 */
export function resolveExpiry(view: LedgerView, look: Look): Resolution {
  if (view.state !== 'open') return closedBefore(view, view.state);
  if (view.generation !== view.triedGeneration) return superseded(view);
  const past = look.kind === 'asking_not_allowed' ? isLongPastDeadline : isPastDeadline;
  if (!past(view)) return unbound(view);
  return resolveAbsence(view, look, 'expired');
}

/** Whether the caller's deadline has passed, on any clock within the leeway. */
export function isPastDeadline({ exp, now }: Pick<LedgerView, 'exp' | 'now'>): boolean {
  return exp !== undefined && now > exp + CLOCK_LEEWAY_MS;
}

/** The same where the callee's clock is all that speaks of it. */
export function isLongPastDeadline({ exp, now }: Pick<LedgerView, 'exp' | 'now'>): boolean {
  return isPastDeadline({ exp, now: now - UNTOLD_LEEWAY_MS });
}

/** Steps 2 and 3 for a token that the caller's side does not know, or may not know. */
export function resolveAbsence(view: LedgerView, look: Look, gone: 'caller_gone' | 'expired'): Resolution {
  switch (look.kind) {
    case 'pending':
      return unbound(view);
    case 'closed':
      if (look.by === 'us') return close(view, 'delivered');
      return close(view, look.by === 'worker' && view.finishedAck ? 'collected' : gone);
    case 'history_not_allowed':
      return close(view, view.answerLost ? 'unconfirmed' : gone);
    case 'asking_not_allowed': {
      const since = view.unboundSince ?? view.now;
      // While no `create` was taken, the caller could not come again.
      const graceEnds = Math.max(since, view.acceptingSince ?? since) + view.graceMs;
      if (view.now < graceEnds) return unbound(view, { unboundSince: since, nextTryAt: graceEnds });
      return close(view, view.answerLost ? 'unconfirmed' : gone);
    }
    case 'no_answer': {
      const detail = 'the caller’s side did not say what became of its activity';
      if (!isLongPastDeadline(view)) return unreachable(view, detail);
      // Whoever never answers must not keep a row, its beats and its workflow for ever.
      const unanswered = gone === 'expired' ? gone : 'unreachable';
      return close(view, view.answerLost ? 'unconfirmed' : unanswered, detail);
    }
  }
}

/** The answer about a row that is newer than what was tried. */
export function superseded(view: LedgerView): Resolution {
  return { verdict: 'superseded', generation: view.triedGeneration, effect: { kind: 'none' } };
}

/** The answer about a row that somebody else has closed meanwhile. */
export function closedBefore(view: LedgerView, state: ClosingVerdict): Resolution {
  const taken = state === 'delivered' || state === 'collected';
  return { verdict: taken ? 'duplicate' : state, generation: view.generation, effect: { kind: 'none' } };
}

function close(view: LedgerView, state: ClosingVerdict, detail?: string): Resolution {
  return {
    verdict: state,
    generation: view.triedGeneration,
    effect: { kind: 'close', state },
    ...(detail !== undefined && { detail }),
  };
}

function unbound(view: LedgerView, times: { unboundSince?: number; nextTryAt?: number } = {}): Resolution {
  return { verdict: 'unbound', generation: view.triedGeneration, effect: { kind: 'keep', ...times } };
}

function unreachable(view: LedgerView, detail: string): Resolution {
  return { verdict: 'unreachable', generation: view.triedGeneration, effect: { kind: 'keep' }, detail };
}
