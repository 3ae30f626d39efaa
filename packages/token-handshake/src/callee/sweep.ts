import { type Clock, systemClock } from '../clock.ts';
import type { Retention } from '../decision/start-window.ts';
import type { ExecutionId } from '../ids.ts';
import type { Deliverer } from './deliverer.ts';
import type { OpeningOptions } from './delivery/open-for-delivery.ts';
import type { FinalStore } from './final-store.ts';
import type { Leases } from './leases/leases.ts';
import type { Call, Ledger, ScheduledSweep } from './ledger.ts';
import type { OnLook } from './look-at-caller.ts';
import { every } from './loop.ts';
import type { OnSweepEvent } from './sweep/events.ts';
import { Pace } from './sweep/pace.ts';
import type { FinalStoredPorts, SweepPorts } from './sweep/ports.ts';
import { startUnstarted } from './sweep/start-unstarted.ts';
import { RowTender, type SweepRun, type Tended } from './sweep/tend-row.ts';

/** What a sweep needs. */
export interface SweepOptions extends OpeningOptions {
  readonly ledger: Ledger;
  readonly finals: FinalStore;
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  /** Without `signalFinalStored`, a workflow that missed the signal goes on until its run ends. */
  readonly workflows: SweepPorts & Partial<FinalStoredPorts>;
  /** Which rows are this server's. Default: all of them. */
  readonly leases?: Pick<Leases, 'held'>;
  /** Told of every question about a caller. Default: nobody. */
  readonly onLook?: OnLook;
  /** Between two runs, in milliseconds, give or take a tenth. Default: 30,000. */
  readonly intervalMs?: number;
  /** A `create` has this long to start its workflow itself, in milliseconds. Default: 5,000. */
  readonly startAfterMs?: number;
  /** Workflows asked about in a second, over all rows: questions are load for Temporal. Default: 50. */
  readonly looksPerSecond?: number;
  /** Rows read at once. Default: 100. */
  readonly pageSize?: number;
  /** Since when this server has taken creates: a caller's grace begins no earlier. Default: always. */
  readonly acceptingSince?: () => number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: nobody is told. */
  readonly onEvent?: OnSweepEvent;
}

const INTERVAL_MS = 30_000;
const START_AFTER_MS = 5_000;
const LOOKS_PER_SECOND = 50;
const PAGE_SIZE = 100;
/** A row with nothing to do is looked at in one run of three: all that can happen to it is that its workflow ends. */
const RUNS_AT_REST = 3;
/** Open rows may take this share of the looks; the rest is for those with something to do. */
const SHARE_OF_LOOKS = 0.5;
/** After so many questions without an answer, one after the other, Temporal is down and the run is over. */
const MAX_SILENCES = 3;

/**
 * Brings to an end what a crash left half done. One run:
 *
 * 1. Start what was committed and not started, while Temporal would still refuse a second run.
 * 2. Take the rows that are due, at a pace, and ask Temporal about the workflow of each. It is over without an end:
 *    store one. It is over with an end that nobody was told: deliver it. It runs: repeat signals and cancels that
 *    were lost. The caller's deadline has passed: ask whether anybody waits.
 * 3. Put each to the time of its next look: the more rows there are, the later.
 *
 * Everything it does is safe to do twice, and on several servers.
 */
export class Sweep {
  readonly #options: SweepOptions & Required<Pick<SweepOptions, 'clock' | 'onEvent'>>;
  readonly #tender: RowTender;
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(options: SweepOptions) {
    const { clock = systemClock, onEvent = () => {}, looksPerSecond = LOOKS_PER_SECOND } = options;
    this.#options = { ...options, clock, onEvent };
    this.#tender = new RowTender({ ...this.#options, pace: new Pace(looksPerSecond) });
  }

  /** Resolves when the first {@link run} has caught up: what was known to be left half done was tried, once. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Catches up, then runs again and again until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { intervalMs = INTERVAL_MS } = this.#options;
    await this.catchUp(signal);
    this.#caughtUp.resolve();
    await every(intervalMs, signal, () => this.runOnce(signal));
  }

  /** One run over what is due. Failures are events; it rejects for none of them. */
  async runOnce(signal?: AbortSignal): Promise<void> {
    const { ledger, finals, clock } = this.#options;
    await this.#guard(async () => {
      const run = await this.#begin(signal);
      await this.#tendDue((limit) => ledger.dueSweeps(clock.now(), limit, this.#partitions()), run);
      if (!finals.closedWithoutEnd) return;
      const closed = async (limit: number) =>
        this.#found((await finals.closedWithoutEnd?.(clock.now(), limit)) ?? []);
      await this.#tendDue(closed, run);
    });
  }

  /**
   * What a start of the process needs at once, due or not: starts what was not started, and sees to those rows for
   * which something is known to be left to do: an end nobody was told, or a cancel.
   */
  async catchUp(signal?: AbortSignal): Promise<void> {
    const { ledger, finals, pageSize = PAGE_SIZE } = this.#options;
    await this.#guard(async () => {
      const run = await this.#begin(signal);
      for (let after: ExecutionId | undefined; !signal?.aborted; ) {
        const calls = await ledger.openCalls(after, pageSize);
        const left: Call[] = [];
        for (const call of calls) {
          if (call.cancelAt !== undefined || (await finals.has(call.executionId))) left.push(call);
        }
        if ((await this.#tendAll(left, run)) === 'silent' || calls.length < pageSize) return;
        after = calls.at(-1)?.executionId;
      }
    });
  }

  #partitions(): readonly number[] | undefined {
    const held = this.#options.leases?.held();
    return held && [...held.keys()];
  }

  async #begin(signal: AbortSignal | undefined): Promise<SweepRun> {
    const { ledger, intervalMs = INTERVAL_MS, looksPerSecond = LOOKS_PER_SECOND } = this.#options;
    const { startAfterMs = START_AFTER_MS, pageSize = PAGE_SIZE } = this.#options;
    this.#tender.prune();
    const retention = await this.#retention();
    await startUnstarted({ ...this.#options, startAfterMs, pageSize }, retention, signal);
    const { count } = await ledger.countOpen();
    const stretchedMs = (count / (looksPerSecond * SHARE_OF_LOOKS)) * 1_000;
    return {
      signal,
      retention,
      intervalMs,
      soonMs: Math.max(intervalMs, stretchedMs),
      restMs: Math.max(RUNS_AT_REST * intervalMs, stretchedMs),
      silent: new Set(),
      down: new Set((await ledger.downTargets()).map(({ target }) => target)),
    };
  }

  async #retention(): Promise<Retention> {
    const { workflows } = this.#options;
    try {
      return (await workflows.retentionMs?.()) ?? 'none';
    } catch {
      // Temporal does not answer: what is young is tried all the same, and says why it cannot be started.
      return 'unknown';
    }
  }

  async #tendDue(read: (limit: number) => Promise<readonly Call[]>, run: SweepRun): Promise<void> {
    const {
      pageSize = PAGE_SIZE,
      intervalMs = INTERVAL_MS,
      looksPerSecond = LOOKS_PER_SECOND,
    } = this.#options;
    // A run ends in time for the next one, which begins with the starts.
    let left = Math.max(pageSize, Math.ceil((looksPerSecond * intervalMs) / 1_000));
    while (left > 0 && !run.signal?.aborted) {
      const limit = Math.min(pageSize, left);
      const calls = await read(limit);
      left -= calls.length;
      if ((await this.#tendAll(calls, run)) === 'silent' || calls.length < limit) return;
    }
  }

  async #tendAll(calls: readonly Call[], run: SweepRun): Promise<'done' | 'silent'> {
    const { ledger } = this.#options;
    const looks: ScheduledSweep[] = [];
    let silences = 0;
    for (const call of calls) {
      if (run.signal?.aborted || silences >= MAX_SILENCES) break;
      const { nextAt, answered } = await this.#tend(call, run);
      looks.push({ executionId: call.executionId, at: nextAt, readAt: call.sweepAt ?? null });
      if (answered !== undefined) silences = answered ? 0 : silences + 1;
    }
    await ledger.scheduleSweeps(looks);
    return silences >= MAX_SILENCES ? 'silent' : 'done';
  }

  async #tend(call: Call, run: SweepRun): Promise<Tended> {
    const { clock, onEvent } = this.#options;
    try {
      return await this.#tender.tend(call, run);
    } catch (error) {
      onEvent({ kind: 'failed', step: 'tend', executionId: call.executionId, error });
      return { nextAt: clock.now() + run.soonMs };
    }
  }

  async #found(ids: readonly ExecutionId[]): Promise<readonly Call[]> {
    const calls = await Promise.all(ids.map((id) => this.#options.ledger.find(id)));
    return calls.filter((call) => call !== undefined);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onEvent({ kind: 'failed', step: 'read', error });
    }
  }
}
