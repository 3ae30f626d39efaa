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
  /** Asks a running workflow to cancel; returns whether there was one. Default: who cancels has to ask it. */
  cancel?(executionId: ExecutionId): Promise<boolean>;
  /** Repeats the signal `rebound` to a running workflow. Default: lost signals are made up for by the grace. */
  signalRebound?(executionId: ExecutionId, generation: number): Promise<void>;
}

/** How a running workflow hears of a final that was stored by others. */
export interface FinalStoredPorts {
  /** Repeats the signal `finalStored` to a running workflow. */
  signalFinalStored(executionId: ExecutionId): Promise<void>;
}

/** One thing the sweep did. */
export type SweepEvent =
  | { readonly kind: 'started'; readonly executionId: ExecutionId; readonly lateMs: number }
  | { readonly kind: 'redelivered'; readonly executionId: ExecutionId; readonly delivery: Delivery }
  /** The signal `rebound` was repeated. */
  | { readonly kind: 'signalled'; readonly executionId: ExecutionId; readonly generation: number }
  /** The signal `finalStored` was repeated. */
  | { readonly kind: 'final_signalled'; readonly executionId: ExecutionId }
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
  /** Without `signalFinalStored`, a workflow that missed the signal goes on until its run ends. */
  readonly workflows: SweepPorts & Partial<FinalStoredPorts>;
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
/** A workflow has this long to begin delivering a final before it is told again; then twice as long, to 30 minutes. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;

/**
 * Brings to an end what a crash left half done: starts what was committed and not started, delivers stored outcomes
 * whose workflow is closed, repeats lost signals. Everything it does is safe to do twice, and on several servers.
 */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #clock: Clock;
  /** Running workflows with a final that they have not begun to deliver, and when they are told of it next. */
  readonly #undelivered = new Map<ExecutionId, { readonly tellAt: number; readonly waitMs: number }>();

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
    const open = new Set<ExecutionId>();
    for (let after: ExecutionId | undefined; !signal?.aborted; ) {
      const calls = await ledger.openCalls(after, pageSize);
      for (const call of calls) {
        if (signal?.aborted) return;
        const { executionId } = call;
        open.add(executionId);
        try {
          await this.#redeliver(call);
        } catch (error) {
          onEvent?.({ kind: 'failed', step: 'redeliver', executionId, error });
        }
      }
      if (calls.length < pageSize) break;
      after = calls.at(-1)?.executionId;
    }
    for (const id of this.#undelivered.keys()) if (!open.has(id)) this.#undelivered.delete(id);
  }

  async #redeliver(call: Call): Promise<void> {
    const { finals, workflows, deliverer, onEvent } = this.#options;
    const { executionId, nextTryAt = 0 } = call;
    if (!(await finals.outcome(executionId))) return;
    const state = await workflows.workflowState(executionId);
    if (state === 'unknown') return;
    if (state === 'running') return this.#remind(call);
    if (nextTryAt > this.#clock.now()) return;
    const delivery = await deliverer.deliver(executionId);
    onEvent?.({ kind: 'redelivered', executionId, delivery });
  }

  /** A running workflow delivers by itself; all it can lack is the news that there is something to deliver. */
  async #remind(call: Call): Promise<void> {
    const { workflows, onEvent } = this.#options;
    const { executionId, generation } = call;
    if (missedRebound(call) && workflows.signalRebound) {
      await workflows.signalRebound(executionId, generation);
      onEvent?.({ kind: 'signalled', executionId, generation });
    }
    if (!workflows.signalFinalStored || !this.#missedFinal(call)) return;
    await workflows.signalFinalStored(executionId);
    onEvent?.({ kind: 'final_signalled', executionId });
  }

  /** Whether a workflow had its time to begin delivering; a first look only begins to count. */
  #missedFinal({ executionId, verdict, sentAt }: Call): boolean {
    if (verdict !== undefined || sentAt !== undefined) {
      this.#undelivered.delete(executionId);
      return false;
    }
    const now = this.#clock.now();
    const known = this.#undelivered.get(executionId);
    if (known && now < known.tellAt) return false;
    const waitMs = known ? Math.min(2 * known.waitMs, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    this.#undelivered.set(executionId, { tellAt: now + waitMs, waitMs });
    return known !== undefined;
  }
}

/** The last try came to no end, and a newer binding has come since and was not tried. */
function missedRebound({ verdict, unboundSince, generation, sentGeneration = 0 }: Call): boolean {
  const waits = verdict === 'unreachable' || (verdict === 'unbound' && unboundSince === undefined);
  return waits && sentGeneration < generation;
}
