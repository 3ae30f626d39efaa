import { type Clock, systemClock } from '../clock.ts';
import type { ExecutionId } from '../ids.ts';
import type { Call, DownTarget, Ledger } from './ledger.ts';
import { every, pause } from './loop.ts';
import type { Targets } from './targets.ts';

/** How waiting workflows hear that a target is back. */
export interface TargetWatchPorts {
  /** Sends the signal `targetUp`; a workflow that is closed or gone is no error. */
  signalTargetUp(executionId: ExecutionId): Promise<void>;
}

/** What the watch found out. */
export type TargetEvent =
  | { readonly kind: 'still_down'; readonly target: string; readonly downMs: number }
  | { readonly kind: 'up'; readonly target: string; readonly downMs: number }
  /** How many workflows were told. */
  | { readonly kind: 'signalled'; readonly target: string; readonly count: number }
  /** A question or a signal failed; waiting workflows try again by themselves. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** What a target watch needs. */
export interface TargetWatchOptions {
  readonly ledger: Ledger;
  readonly targets: Targets;
  /** Default: nobody is signalled, and waiting workflows go by their timers. */
  readonly signalTargetUp?: TargetWatchPorts['signalTargetUp'];
  /** Between two questions to a target that is down, by all servers together, in milliseconds. Default: 5,000. */
  readonly intervalMs?: number;
  /** How long one question may take, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
  /** Signals a second: those that wait come back one after the other, not all at once. Default: 50. */
  readonly signalsPerSecond?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: nobody is told. */
  readonly onEvent?: (event: TargetEvent) => void;
}

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
const SIGNALS_PER_SECOND = 50;
const PAGE_SIZE = 100;
/** Waits between two rounds of signals for one target: 1, 2, 4, 8, 16 minutes, then 30, as the workflows' own. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** A target that was well for longer than any wait can last has a new outage, not the old one again. */
const NEW_OUTAGE_AFTER_MS = 2 * LONGEST_WAIT_MS;

/** A round of signals for a target, and how long after it the next one may come. */
interface Round {
  readonly at: number;
  readonly waitMs: number;
}

/**
 * Asks targets that did not answer until they do, one server at a time, and then tells the workflows that wait for
 * them. Without it they would come back by their own timers, up to half an hour later.
 *
 * A target can answer the question and still take no completion. So that the workflows' back-off holds for it too,
 * each server lets at least 1, 2, 4 … 30 minutes pass between two rounds of signals for it.
 */
export class TargetWatch {
  readonly #options: TargetWatchOptions;
  readonly #clock: Clock;
  readonly #rounds = new Map<string, Round>();

  constructor(options: TargetWatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void> {
    const { intervalMs = INTERVAL_MS } = this.#options;
    return every(intervalMs, signal, () => this.runOnce(signal));
  }

  /** Asks each target whose turn it is, once. */
  async runOnce(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const { ledger, intervalMs = INTERVAL_MS, onEvent } = this.#options;
    try {
      while (!signal.aborted) {
        const now = this.#clock.now();
        const claimed = await ledger.claimProbe(now, now + intervalMs);
        if (!claimed) return;
        await this.#ask(claimed, now, signal);
      }
    } catch (error) {
      onEvent?.({ kind: 'failed', error });
    }
  }

  async #ask({ target, downSince }: DownTarget, now: number, signal: AbortSignal): Promise<void> {
    const { ledger, onEvent } = this.#options;
    const last = this.#lastRound(target, downSince);
    if (last && now < last.at + last.waitMs) return;
    const downMs = now - downSince;
    if (!(await this.#isReachable(target))) return onEvent?.({ kind: 'still_down', target, downMs });
    onEvent?.({ kind: 'up', target, downMs });
    const count = await this.#signalAll(target, signal);
    onEvent?.({ kind: 'signalled', target, count });
    if (count > 0) {
      const waitMs = last ? Math.min(2 * last.waitMs, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
      this.#rounds.set(target, { at: this.#clock.now(), waitMs });
    }
    // Up only now: a server that ends before has another one, or its next start, tell them all again. And only if it
    // is still up: those that found it down meanwhile have nothing else to mark it by.
    if (signal.aborted || (count > 0 && !(await this.#isReachable(target)))) return;
    await ledger.markTargetUp(target);
  }

  /** The round that this outage has to keep its distance from. */
  #lastRound(target: string, downSince: number): Round | undefined {
    const last = this.#rounds.get(target);
    return last && downSince - last.at < NEW_OUTAGE_AFTER_MS ? last : undefined;
  }

  /** A target that is not configured any more is not waited for. */
  async #isReachable(name: string): Promise<boolean> {
    const { targets, timeoutMs = TIMEOUT_MS } = this.#options;
    const target = targets.all().find((each) => each.name === name);
    return (await target?.isReachable?.({ timeoutMs })) ?? true;
  }

  async #signalAll(target: string, signal: AbortSignal): Promise<number> {
    const { ledger, signalTargetUp, signalsPerSecond = SIGNALS_PER_SECOND, onEvent } = this.#options;
    if (!signalTargetUp) return 0;
    let count = 0;
    for (let after: ExecutionId | undefined; !signal.aborted; ) {
      const calls = await ledger.openCalls(after, PAGE_SIZE);
      for (const call of calls.filter((each) => waitsFor(each, target))) {
        if (signal.aborted) return count;
        try {
          await signalTargetUp(call.executionId);
          count += 1;
        } catch (error) {
          onEvent?.({ kind: 'failed', error });
        }
        await pause(1_000 / signalsPerSecond, signal);
      }
      if (calls.length < PAGE_SIZE) return count;
      after = calls.at(-1)?.executionId;
    }
    return count;
  }
}

function waitsFor(call: Call, target: string): boolean {
  return call.target === target && call.verdict === 'unreachable';
}
