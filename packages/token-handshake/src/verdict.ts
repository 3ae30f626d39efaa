/** Verdicts that close a call's row: nothing more will be tried, unless a newer binding reopens it. */
export const CLOSING_VERDICTS = [
  /** Temporal confirmed that the caller's activity took this callee's completion. */
  'delivered',
  /** The caller took the outcome from the answer to its own `create`. */
  'collected',
  /** The caller's activity ended otherwise: cancelled, timed out, terminated. */
  'caller_gone',
  /** The caller's deadline has passed and its activity is not pending. */
  'expired',
  /** A completion was sent, its answer was lost, and asking is not allowed. */
  'unconfirmed',
  /** The caller's Temporal cannot read the token or the outcome. */
  'malformed',
  /** The caller's Temporal refuses this callee. */
  'denied',
  /** Too large even when trimmed. */
  'oversize',
  /** Not reachable until past the deadline. */
  'unreachable',
  /** There is no token, so nobody is to be told. */
  'skipped',
  /** Given up by an operator. */
  'abandoned',
] as const;

/** A verdict that ends a call's row. */
export type ClosingVerdict = (typeof CLOSING_VERDICTS)[number];

/** Verdicts after which the row stays open: a newer binding is there, or nobody is to take it at present. */
export const PASSING_VERDICTS = ['superseded', 'unbound', 'unreachable'] as const;

/** The typed outcome of one attempt to complete the caller. `duplicate` is an answer, never a row's state. */
export type Verdict = ClosingVerdict | 'superseded' | 'unbound' | 'duplicate';

/** A row of the ledger is open, or closed by a verdict. */
export type CallState = 'open' | ClosingVerdict;

/** What one attempt of delivery came to; also the answer of the completion activity, in every language. */
export interface Delivery {
  readonly verdict: Verdict;
  /** The generation of the binding that the verdict speaks of; 0 when there is no binding. */
  readonly generation: number;
  /**
   * Whether more attempts are to follow. `superseded`: at once; `unbound`: after the caller's next `create`;
   * `unreachable`: after a wait.
   */
  readonly closed: boolean;
  /** With `unbound`: after this many milliseconds the next attempt can find out more. */
  readonly retryAfterMs?: number;
  /** The reason in words, without secrets. */
  readonly detail?: string;
}
