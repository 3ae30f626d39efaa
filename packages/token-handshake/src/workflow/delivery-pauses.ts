import { patched } from '@temporalio/workflow';
import type { Delivery } from '../verdict.ts';

/** Pauses that grow: 1, 2, 4, 8, 16 minutes, then 30. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
/** Between two looks at a caller that is between attempts, whatever the deliverer asks for. */
const SHORTEST_PAUSE_MS = 1_000;

/** What comes before the next try. */
export interface DeliveryPause {
  /** 0: at once. */
  readonly ms: number;
  /** What is waited for, in words; since when, as milliseconds since the epoch. Absent where nothing is. */
  readonly waitsFor?: { readonly what: string; readonly since: number };
}

const AT_ONCE: DeliveryPause = { ms: 0 };

/** What keeps an outcome from its caller. */
type Hindrance = 'silence' | 'unbound';

const IN_WORDS: Readonly<Record<Hindrance, string>> = {
  silence: 'the target is unreachable',
  unbound: 'the caller is between two attempts',
};

/**
 * Says how long a workflow pauses between two tries of telling a caller, and remembers how often it did so already.
 *
 * What it costs a workflow's history: one round, a pause and a try, has at most 12 events, and from the sixth on there
 * are 48 rounds a day: below 600 events. Signals that a target is up end pauses early, at most as often again. So a
 * wait of 8 days stays below 10,000 events whatever happens, and one of 40 days below the 51,200 at which Temporal
 * ends a workflow.
 */
export class DeliveryPauses {
  #hindrance: Hindrance | undefined;
  #since = 0;
  #grown = 0;
  #tried = false;

  /** @param delivery what the last try came to; `undefined` for one without an answer */
  next(delivery: Delivery | undefined): DeliveryPause {
    const first = !this.#tried;
    this.#tried = true;
    if (delivery === undefined || delivery.verdict === 'unreachable') {
      // The first try was a short one, on the worker itself: a full one follows at once.
      return this.#pause('silence', first ? 0 : undefined);
    }
    if (delivery.verdict !== 'unbound') {
      this.#hindrance = undefined;
      return AT_ONCE;
    }
    const { retryAfterMs } = delivery;
    return this.#pause(
      'unbound',
      retryAfterMs === undefined ? undefined : Math.max(retryAfterMs, SHORTEST_PAUSE_MS),
    );
  }

  /** A newer token was bound: what was found out about the older ones says nothing about it. */
  forget(): void {
    if (this.#hindrance === 'unbound') this.#hindrance = undefined;
  }

  /** A pause of this length, or else of one that grows. */
  #pause(hindrance: Hindrance, ms: number | undefined): DeliveryPause {
    if (this.#hindrance !== hindrance) {
      this.#hindrance = hindrance;
      this.#since = Date.now();
      this.#grown = 0;
    }
    return {
      ms: ms ?? this.#growing(hindrance),
      waitsFor: { what: IN_WORDS[hindrance], since: this.#since },
    };
  }

  #growing(hindrance: Hindrance): number {
    const grown = this.#grown;
    this.#grown += 1;
    // The first release looked once a minute for callers between two attempts, for as long as they were.
    if (hindrance === 'unbound' && grown > 0 && !patched('unbound-pauses-grow')) return FIRST_PAUSE_MS;
    return Math.min(FIRST_PAUSE_MS * 2 ** grown, LONGEST_PAUSE_MS);
  }
}
