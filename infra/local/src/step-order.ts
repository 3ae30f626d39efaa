import type { Step } from './demo-story.ts';

/** Lines of two processes that were written within this time of each other may arrive in another order. */
const HOLD_MS = 150;

/** Gives steps on in the order of their times, each a moment after it came. */
export class StepOrder implements Disposable {
  readonly #give: (step: Step) => void;
  #held: Step[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (step: Step) => void) {
    this.#give = give;
  }

  add(step: Step): void {
    this.#held.push(step);
    this.#timer ??= setTimeout(() => this.#release(Date.now() - HOLD_MS), HOLD_MS);
  }

  /** Gives on all that is held. */
  flush(): void {
    this.#release(Number.POSITIVE_INFINITY);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  #release(until: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sorted = this.#held.toSorted((one, other) => one.at - other.at);
    this.#held = sorted.filter((step) => step.at > until);
    for (const step of sorted.filter((each) => each.at <= until)) this.#give(step);
    if (this.#held.length > 0) {
      this.#timer = setTimeout(() => this.#release(Date.now() - HOLD_MS), HOLD_MS);
    }
  }
}
