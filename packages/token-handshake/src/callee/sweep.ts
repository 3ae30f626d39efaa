import { type Clock, systemClock } from '../clock.ts';
import type { ExecutionId } from '../ids.ts';
import type { Delivery } from '../verdict.ts';
import type { Deliverer } from './deliverer.ts';
import type { FinalStore } from './final-store.ts';
import type { Call, Ledger } from './ledger.ts';
import { every } from './loop.ts';

/** What Temporal says about a callee's workflow; `unknown` while it does not answer. */
export type WorkflowState = 'running' | 'closed' | 'not_found' | 'unknown';

/** The callee's workflows, as the sweep needs them. */
export interface SweepPorts {
  /** Starts the workflow of an execution; one that runs or ran already is no error. Rejects while it cannot. */
  start(executionId: ExecutionId): Promise<void>;
  workflowState(executionId: ExecutionId): Promise<WorkflowState>;
  /** Repeats the signal `rebound` to a running workflow. Default: lost signals are made up for by the grace. */
  signalRebound?(executionId: ExecutionId, generation: number): Promise<void>;
}

/** One thing the sweep did. */
export type SweepEvent =
  | { readonly kind: 'started'; readonly executionId: ExecutionId; readonly lateMs: number }
  | { readonly kind: 'redelivered'; readonly executionId: ExecutionId; readonly delivery: Delivery }
  | { readonly kind: 'signalled'; readonly executionId: ExecutionId; readonly generation: number }
  /** The step failed and is tried again by the next run. Without an id the ledger itself could not be read. */
  | {
      readonly kind: 'failed';
      readonly step: 'start' | 'redeliver' | 'read';
      readonly executionId?: ExecutionId;
      readonly error: unknown;
    };

/** What a sweep needs. */
export interface SweepOptions {
  readonly ledger: Ledger;
  readonly finals: FinalStore;
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly workflows: SweepPorts;
  /** Between two runs, in milliseconds, give or take a tenth. Default: 30,000. */
  readonly intervalMs?: number;
  /** A `create` has this long to start its workflow itself, in milliseconds. Default: 5,000. */
  readonly startAfterMs?: number;
  /** Rows read at once. Default: 100. */
  readonly pageSize?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: nobody is told. */
  readonly onEvent?: (event: SweepEvent) => void;
}

const INTERVAL_MS = 30_000;
const START_AFTER_MS = 5_000;
const PAGE_SIZE = 100;
const GIVE_UP_STARTING_MS = 10_000;

/**
 * Brings to an end what a crash left half done: starts what was committed and not started, delivers stored outcomes
 * whose workflow is closed, repeats lost signals. Everything it does is safe to do twice, and on several servers.
 */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #clock: Clock;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Runs once at once, then again and again until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void> {
    const { intervalMs = INTERVAL_MS } = this.#options;
    return every(intervalMs, signal, () => this.runOnce(signal));
  }

  /** One look at every open row. Failures are events; it rejects for none of them. */
  async runOnce(signal?: AbortSignal): Promise<void> {
    try {
      await this.#startAll(signal);
      await this.#redeliverAll(signal);
    } catch (error) {
      this.#options.onEvent?.({ kind: 'failed', step: 'read', error });
    }
  }

  async #startAll(signal: AbortSignal | undefined): Promise<void> {
    const { ledger, startAfterMs = START_AFTER_MS, pageSize = PAGE_SIZE } = this.#options;
    let lostMs = 0;
    while (!signal?.aborted) {
      const calls = await ledger.unstarted(this.#clock.now() - startAfterMs, pageSize);
      for (const call of calls) {
        const began = performance.now();
        if (signal?.aborted) return;
        if (await this.#start(call)) continue;
        lostMs += performance.now() - began;
        // Most likely Temporal is down, and each further start would take its time in vain.
        if (lostMs > GIVE_UP_STARTING_MS) return;
      }
      if (calls.length < pageSize || lostMs > 0) return;
    }
  }

  async #start({ executionId, startRequestedAt }: Call): Promise<boolean> {
    const { ledger, workflows, onEvent } = this.#options;
    try {
      await workflows.start(executionId);
      const now = this.#clock.now();
      await ledger.markStarted(executionId, now);
      onEvent?.({ kind: 'started', executionId, lateMs: now - startRequestedAt });
      return true;
    } catch (error) {
      onEvent?.({ kind: 'failed', step: 'start', executionId, error });
      return false;
    }
  }

  async #redeliverAll(signal: AbortSignal | undefined): Promise<void> {
    const { ledger, pageSize = PAGE_SIZE, onEvent } = this.#options;
    for (let after: ExecutionId | undefined; !signal?.aborted; ) {
      const calls = await ledger.openCalls(after, pageSize);
      for (const call of calls) {
        if (signal?.aborted) return;
        const { executionId } = call;
        try {
          await this.#redeliver(call);
        } catch (error) {
          onEvent?.({ kind: 'failed', step: 'redeliver', executionId, error });
        }
      }
      if (calls.length < pageSize) return;
      after = calls.at(-1)?.executionId;
    }
  }

  async #redeliver(call: Call): Promise<void> {
    const { finals, workflows, deliverer, onEvent } = this.#options;
    const { executionId, generation, nextTryAt = 0 } = call;
    if (!(await finals.outcome(executionId))) return;
    const state = await workflows.workflowState(executionId);
    if (state === 'unknown') return;
    if (state === 'running') {
      if (!missedRebound(call) || !workflows.signalRebound) return;
      await workflows.signalRebound(executionId, generation);
      onEvent?.({ kind: 'signalled', executionId, generation });
      return;
    }
    if (nextTryAt > this.#clock.now()) return;
    const delivery = await deliverer.deliver(executionId);
    onEvent?.({ kind: 'redelivered', executionId, delivery });
  }
}

/** The last verdict was "nobody to take it now", and a newer binding has come since and was not tried. */
function missedRebound({ verdict, unboundSince, generation, sentGeneration = 0 }: Call): boolean {
  return verdict === 'unbound' && unboundSince === undefined && sentGeneration < generation;
}
