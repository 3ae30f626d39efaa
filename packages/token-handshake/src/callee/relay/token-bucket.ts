/** How much of a second's budget may go out at once: enough for the pauses of a loop, too little to be noticed. */
const BURST_SECONDS = 0.25;

/** Holds a rate: what is not used is kept for a quarter of a second. It begins full. */
export class TokenBucket {
  #tokens = 0;
  #filledAt = Number.NEGATIVE_INFINITY;

  /** How many may go now, at this rate; `take` tells of each that went. */
  available(now: number, perSecond: number): number {
    const burst = Math.max(perSecond * BURST_SECONDS, 1);
    // A clock that was set back gives nothing, and one that was set forward no more than the burst.
    const gained = (Math.max(now - this.#filledAt, 0) / 1_000) * perSecond;
    this.#tokens = Math.min(this.#tokens + gained, burst);
    this.#filledAt = now;
    return Math.floor(this.#tokens);
  }

  take(): void {
    this.#tokens -= 1;
  }
}
