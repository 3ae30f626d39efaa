import type { CompletionAnswer } from '../src/callee/index.ts';
import type { Look } from '../src/decision/index.ts';
import type { Outcome } from '../src/outcome.ts';

/** Who ended the caller's activity: this callee by token, a worker that returned, or something else. */
export type ClosedBy = 'us' | 'worker' | 'other';

/** One attempt, as Temporal started it. */
export interface FakeAttempt {
  /** Temporal's number: a reset starts it again at 1. */
  readonly number: number;
  /** When it was scheduled: always later than the one before. */
  readonly ord: number;
}

/**
 * A caller's activity as Temporal sees it. A token is good if and only if the activity is started and the attempt's
 * *number* is the current one: so a token from before a reset may be good again, as on a real server.
 */
export class FakeActivity {
  readonly attempts: FakeAttempt[] = [];
  state: 'backing_off' | 'started' | 'closed' = 'backing_off';
  cancelRequested = false;
  closed: { readonly by: ClosedBy; readonly outcome?: Outcome } | undefined;
  #number = 1;

  get current(): number {
    return this.attempts.length - 1;
  }

  start(): void {
    this.attempts.push({ number: this.#number, ord: this.attempts.length + 1 });
    this.state = 'started';
  }

  accepts(attempt: number): boolean {
    return this.state === 'started' && this.attempts[attempt]?.number === this.#number;
  }

  /** Ends it with an outcome, if the attempt's token is good. */
  complete(attempt: number, by: ClosedBy, outcome: Outcome): CompletionAnswer {
    if (!this.accepts(attempt)) return { kind: 'not_found' };
    this.#close(by, outcome);
    return { kind: 'ok' };
  }

  /** No beat came in time. */
  timeOut(): void {
    if (this.cancelRequested) {
      this.#close('other');
      return;
    }
    this.state = 'backing_off';
    this.#number++;
  }

  /** An operator starts the attempts again. */
  reset(): void {
    this.#number = 1;
  }

  /** The workflow is cancelled: a waiting activity is asked, one between attempts closes silently. */
  cancel(): void {
    if (this.state === 'started') this.cancelRequested = true;
    else this.#close('other');
  }

  /** The workflow is terminated, or the deadline passes. */
  end(): void {
    this.#close('other');
  }

  look(): Look {
    return this.closed ? { kind: 'closed', by: this.closed.by } : { kind: 'pending' };
  }

  #close(by: ClosedBy, outcome?: Outcome): void {
    this.state = 'closed';
    this.closed = outcome ? { by, outcome } : { by };
  }
}
