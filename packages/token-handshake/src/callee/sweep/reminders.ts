import type { ExecutionId } from '../../ids.ts';
import type { Call } from '../ledger.ts';

/** A workflow has this long to deliver a final before it is told again; then twice as long, to 30 minutes. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;

/**
 * Running workflows with a final that nobody has taken, and when they are told of it next. That something was sent says
 * nothing of the workflow: it may have been sent early, and the workflow still wait for its run.
 */
export class Reminders {
  readonly #undelivered = new Map<ExecutionId, { readonly tellAt: number; readonly waitMs: number }>();

  /** Whether a workflow had its time to deliver; a first look only begins to count. */
  isDue({ executionId }: Pick<Call, 'executionId'>, now: number): boolean {
    const known = this.#undelivered.get(executionId);
    if (known && now < known.tellAt) return false;
    const waitMs = known ? Math.min(2 * known.waitMs, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    this.#undelivered.set(executionId, { tellAt: now + waitMs, waitMs });
    return known !== undefined;
  }

  /** Forgets workflows that were not asked about for long: their rows have closed. */
  prune(now: number): void {
    for (const [id, { tellAt }] of this.#undelivered) {
      if (now - tellAt > 2 * LONGEST_WAIT_MS) this.#undelivered.delete(id);
    }
  }
}

/** The last try came to no end, and a newer binding has come since and was not tried. */
export function missedRebound({ verdict, unboundSince, generation, sentGeneration = 0 }: Call): boolean {
  const waits = verdict === 'unreachable' || (verdict === 'unbound' && unboundSince === undefined);
  return waits && sentGeneration < generation;
}
