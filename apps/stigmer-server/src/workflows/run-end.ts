import type { Delivery, OutcomeFailure, OutcomeKind } from '@token-handshake/core/workflow';

/**
 * How a run ended, as the workflow saw it. It is a candidate for the execution's final: the first one stored stays.
 *
 * - `returned`: the runner returned a status, which goes with this as an argument of its own.
 * - `failed`: the runner raised, was lost, or its result cannot be used.
 * - `cancelled`: the run was cancelled.
 * - `stored`: the final is there already, or nothing had to run.
 */
export type RunEnd =
  | { readonly kind: 'returned' }
  | { readonly kind: 'failed'; readonly failure: OutcomeFailure }
  | { readonly kind: 'cancelled'; readonly message?: string }
  | { readonly kind: 'stored' };

/** The final that stands, as far as the workflow's own end depends on it. */
export interface StoredEnd {
  readonly kind: OutcomeKind;
  /** Present when `kind` is `failed`. Large details are left out: they are in the execution. */
  readonly failure?: OutcomeFailure;
  /** What telling the caller came to, where that is over already: nothing is left to deliver then. */
  readonly delivery?: Delivery;
}
