import { TokenBucket } from './token-bucket.ts';

/** Waits between two single beats to a target that is down, in milliseconds; each is twice the one before. */
const FIRST_PROBE_MS = 50;
const LONGEST_PROBE_MS = 1_000;

/** What bounds the beats to one target. */
export interface LaneLimits {
  readonly perSecond: number;
  /** Beats under way at once. */
  readonly concurrency: number;
}

/**
 * One target's way out of the relay: so many beats a second, so many at once, and while it is down a single one now
 * and then. Each target has its own, so that none keeps beats from another.
 */
export class TargetLane {
  readonly #bucket = new TokenBucket();
  #underWay = 0;
  #downWaitMs: number | undefined;
  #nextProbeAt = 0;

  get underWay(): number {
    return this.#underWay;
  }

  /** How many beats may be sent now; for each of them `enter`, and in the end `settle`, must follow. */
  room(now: number, { perSecond, concurrency }: LaneLimits): number {
    const rate = this.#bucket.available(now, perSecond);
    if (this.#downWaitMs === undefined) return Math.min(rate, concurrency - this.#underWay);
    // One that was sent before it was down will tell as much as another.
    return this.#underWay === 0 && now >= this.#nextProbeAt ? Math.min(rate, 1) : 0;
  }

  enter(): void {
    this.#bucket.take();
    this.#underWay += 1;
  }

  /** Tells how a beat went. */
  settle(now: number, answered: boolean): void {
    this.#underWay -= 1;
    if (answered) {
      this.#downWaitMs = undefined;
      return;
    }
    // Of those that were under way together, one failure says as much as all.
    if (this.#downWaitMs !== undefined && now < this.#nextProbeAt) return;
    this.#downWaitMs =
      this.#downWaitMs === undefined ? FIRST_PROBE_MS : Math.min(2 * this.#downWaitMs, LONGEST_PROBE_MS);
    this.#nextProbeAt = now + this.#downWaitMs;
  }
}
