import { type Clock, systemClock } from '../../clock.ts';
import { type BeatLoad, beatDemand, beatStretch, fitsBeatBudget } from '../../decision/beat-schedule.ts';
import { PARTITIONS } from '../leases/partition.ts';
import type { BeatLoadCount, Ledger } from '../ledger.ts';
import type { Targets } from '../targets.ts';

/**
 * Beats a second to one target: two fifths of what a namespace of Temporal Cloud may do a second by default, so that
 * workflows have the larger part. It keeps 8,100 waits of a minute alive.
 */
export const DEFAULT_BEATS_PER_SECOND = 200;

/** The ledger is asked for its load at most this often. */
const FRESH_MS = 1_000;

/** What the beats of one target come to. */
export interface TargetLoad extends BeatLoad {
  readonly target: string;
  /** By how much the intervals between beats are stretched, from 1 to 2.25. */
  readonly stretch: number;
}

/** A wait that asks to be taken in. */
export interface NewWait {
  readonly target: string;
  readonly heartbeatTimeoutMs: number;
  /** The same for all tries of one call, which count once. */
  readonly callId: string;
}

/** What {@link BeatBudgets} needs. */
export interface BeatBudgetsOptions {
  readonly ledger: Pick<Ledger, 'beatLoads'>;
  readonly targets: Targets;
  readonly clock?: Clock;
}

/**
 * What the waits of each target cost, beside what it allows. The ledger says how many there are, about once a second;
 * what is admitted in between is added here. Several servers know of each other's only from the ledger, so together
 * they may admit a second's worth of waits too many.
 */
export class BeatBudgets {
  readonly #options: BeatBudgetsOptions;
  readonly #clock: Clock;
  readonly #admitted = new Map<string, NewWait & { readonly at: number }>();
  #counts: readonly BeatLoadCount[] = [];
  /** What `#counts` come to, by target. */
  #demands: ReadonlyMap<string, number> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: BeatBudgetsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Reads the load again, unless that was just done. */
  async refresh(): Promise<void> {
    if (Math.abs(this.#clock.now() - this.#readAt) < FRESH_MS) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** Every target that is configured or still waited for, in the order of their names. */
  targets(): readonly string[] {
    const configured = this.#options.targets.all().map(({ name }) => name);
    return [...new Set([...configured, ...this.#demands.keys()])].toSorted();
  }

  loadOf(target: string): TargetLoad {
    const admitted = [...this.#admitted.values()].filter((wait) => wait.target === target);
    const demandPerSecond =
      (this.#demands.get(target) ?? 0) +
      beatDemand(admitted.map(({ heartbeatTimeoutMs }) => heartbeatTimeoutMs));
    const load = { demandPerSecond, budgetPerSecond: this.#budgetOf(target) };
    return { target, ...load, stretch: beatStretch(load) };
  }

  /**
   * Beats a second that a server which holds these partitions may send: its part of the budget is its part of the
   * waits, so that all servers together keep within it.
   */
  rateOf(target: string, partitions: readonly number[] | undefined): number {
    const budget = this.#budgetOf(target);
    if (!partitions || partitions.length === PARTITIONS) return budget;
    const all = this.#demands.get(target) ?? 0;
    const held = demandOf(
      this.#counts.filter((count) => count.target === target && partitions.includes(count.partition)),
    );
    // Waits that came since the ledger was read are beaten too: one partition's part is always there.
    const share = all > 0 ? Math.max(held / all, 1 / PARTITIONS) : partitions.length / PARTITIONS;
    return budget * share;
  }

  /** Whether a new wait's beats fit the budget of its target. One that fits is counted from now on. */
  async admits(wait: NewWait): Promise<boolean> {
    await this.refresh();
    if (this.#admitted.has(wait.callId)) return true;
    const { demandPerSecond, budgetPerSecond } = this.loadOf(wait.target);
    const more = beatDemand([wait.heartbeatTimeoutMs]);
    if (!fitsBeatBudget({ demandPerSecond: demandPerSecond + more, budgetPerSecond })) return false;
    this.#admitted.set(wait.callId, { ...wait, at: this.#clock.now() });
    return true;
  }

  /** What the beats of every target come to at present. */
  async report(): Promise<readonly TargetLoad[]> {
    await this.refresh();
    return this.targets().map((target) => this.loadOf(target));
  }

  async #read(): Promise<void> {
    const began = this.#clock.now();
    this.#counts = await this.#options.ledger.beatLoads();
    const byTarget = Map.groupBy(this.#counts, ({ target }) => target);
    this.#demands = new Map([...byTarget].map(([target, counts]) => [target, demandOf(counts)]));
    this.#readAt = began;
    // What was taken in before is in the ledger now, or was not admitted after all.
    for (const [callId, { at }] of this.#admitted) if (at < began) this.#admitted.delete(callId);
  }

  #budgetOf(name: string): number {
    const target = this.#options.targets.all().find((each) => each.name === name);
    return target?.beatsPerSecond ?? DEFAULT_BEATS_PER_SECOND;
  }
}

function demandOf(counts: readonly BeatLoadCount[]): number {
  return counts.reduce(
    (sum, { heartbeatTimeoutMs, count }) => sum + count * beatDemand([heartbeatTimeoutMs]),
    0,
  );
}
