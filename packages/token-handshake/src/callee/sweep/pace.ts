import { pause } from '../loop.ts';

/** Lets so many turns a second pass, one after the other, evenly. */
export class Pace {
  readonly #everyMs: number;
  #nextAt = 0;

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
  }

  /** Waits for the next turn, at most until the signal aborts. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#everyMs;
    if (at > now) await pause(at - now, signal ?? new AbortController().signal);
  }
}
