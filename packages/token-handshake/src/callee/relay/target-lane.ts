import type { BoundCall } from '../ledger.ts';
import { FailingRows } from './failing-rows.ts';
import { TokenBucket } from './token-bucket.ts';

/** Waits between two single beats to a target that is down, in milliseconds; each is twice the one before. */
const FIRST_PROBE_MS = 50;
const LONGEST_PROBE_MS = 1_000;
/** Rows that failed may have one in so many of the beats under way: each of them may take until it times out. */
const SHARE_OF_FAILING = 4;

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
  readonly failing = new FailingRows();
  readonly #bucket = new TokenBucket();
  #underWay = 0;
  #failingUnderWay = 0;
  #downWaitMs: number | undefined;
  #nextProbeAt = 0;

  get underWay(): number {
    return this.#underWay;
  }

  get isDown(): boolean {
    return this.#downWaitMs !== undefined;
  }

  /** How many beats may be sent now; for each of them `enter`, and in the end `settle`, must follow. */
  room(now: number, { perSecond, concurrency }: LaneLimits): number {
    const room = Math.min(this.#bucket.available(now, perSecond), concurrency - this.#underWay);
    if (!this.isDown) return room;
    // One that hangs may be a single row's: others are tried meanwhile, ever more slowly.
    return now >= this.#nextProbeAt ? Math.min(room, 1) : 0;
  }

  /** How many of them may go to rows whose newest beat was not answered. */
  failingRoom({ concurrency }: Pick<LaneLimits, 'concurrency'>): number {
    return Math.max(Math.floor(concurrency / SHARE_OF_FAILING), 1) - this.#failingUnderWay;
  }

  enter(now: number, failedBefore: boolean): void {
    this.#bucket.take();
    this.#underWay += 1;
    this.#failingUnderWay += Number(failedBefore);
    if (this.#downWaitMs === undefined) return;
    this.#nextProbeAt = now + this.#downWaitMs;
    this.#downWaitMs = Math.min(2 * this.#downWaitMs, LONGEST_PROBE_MS);
  }

  /** Tells how a beat went, for a row of which `enter` was told the same. Gives the time of its next one. */
  settle(bound: BoundCall & { readonly failedBefore: boolean }, result: BeatResult): number {
    const { failedBefore } = bound;
    const { now, answered, regularAt } = result;
    this.#underWay -= 1;
    this.#failingUnderWay -= Number(failedBefore);
    if (answered) {
      this.#downWaitMs = undefined;
      this.failing.answered(bound.call.executionId);
      return regularAt;
    }
    // A row that fails again says nothing about the others, and a target is down only once.
    if (!failedBefore && !this.isDown) {
      this.#downWaitMs = FIRST_PROBE_MS;
      this.#nextProbeAt = now + FIRST_PROBE_MS;
    }
    return this.failing.failed(bound, now, regularAt);
  }
}

/** What came of one beat. */
export interface BeatResult {
  readonly now: number;
  readonly answered: boolean;
  /** When the next beat is due, if this one was answered. */
  readonly regularAt: number;
}
