import type { Clock } from '../../clock.ts';
import { type OrphanEnd, orphanOutcome } from '../../decision/orphan-outcome.ts';
import { isPastDeadline } from '../../decision/resolve.ts';
import { isTooOldToStart, type Retention } from '../../decision/start-window.ts';
import { type SweepStep, sweepSteps } from '../../decision/sweep-steps.ts';
import type { WorkflowState } from '../../decision/workflow-state.ts';
import type { Deliverer } from '../deliverer.ts';
import type { OpeningOptions } from '../delivery/open-for-delivery.ts';
import type { FinalStore } from '../final-store.ts';
import type { Call, Ledger } from '../ledger.ts';
import { Absences } from './absences.ts';
import type { OnSweepEvent } from './events.ts';
import { expireRow } from './expire-row.ts';
import type { Pace } from './pace.ts';
import type { FinalStoredPorts, SweepPorts } from './ports.ts';
import { Redeliveries } from './redeliveries.ts';
import { missedRebound, Reminders } from './reminders.ts';

/** What {@link RowTender} needs. */
export interface TendOptions extends OpeningOptions {
  readonly ledger: Ledger;
  readonly finals: FinalStore;
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly workflows: SweepPorts & Partial<FinalStoredPorts>;
  /** Since when this server has taken creates: a caller's grace begins no earlier. Default: always. */
  readonly acceptingSince?: () => number;
  readonly clock: Clock;
  /** Takes its turn before each question to Temporal. */
  readonly pace: Pace;
  readonly onEvent: OnSweepEvent;
}

/** One run of the sweep: what its rows have in common. */
export interface SweepRun {
  readonly signal: AbortSignal | undefined;
  readonly retention: Retention;
  /** The least time between two looks at a row. */
  readonly intervalMs: number;
  /** A row with an end that nobody was told is looked at again after this long. */
  readonly soonMs: number;
  /** Any other row is, and an absence counts once it lasted so long. */
  readonly restMs: number;
  /** Targets that did not answer in this run: their other rows wait for the next one. */
  readonly silent: Set<string>;
  /** Targets that were known to be down when it began. */
  readonly down: ReadonlySet<string>;
}

/** What a look at a row came to: when the next one is, and whether Temporal answered, if it was asked. */
export interface Tended {
  readonly nextAt: number;
  readonly answered?: boolean;
}

/** Who writes a cancel asks the workflow at once; this long after, the request was lost. */
const CANCEL_AGAIN_AFTER_MS = 5_000;

/** Looks at one row after the other, and does what is left to do. Everything it does is safe to do twice. */
export class RowTender {
  readonly #options: TendOptions;
  readonly #absences = new Absences();
  readonly #reminders = new Reminders();
  readonly #redeliveries = new Redeliveries();

  constructor(options: TendOptions) {
    this.#options = options;
  }

  prune(): void {
    const now = this.#options.clock.now();
    this.#absences.prune(now);
    this.#reminders.prune(now);
    this.#redeliveries.prune(now);
  }

  async tend(call: Call, run: SweepRun): Promise<Tended> {
    const { finals, workflows, clock, pace } = this.#options;
    const { executionId } = call;
    const hasFinal = await finals.has(executionId);
    const quietUntil = hasFinal ? 0 : this.#quietUntil(call, run);
    if (quietUntil > clock.now()) return { nextAt: quietUntil };
    await pace.turn(run.signal);
    const workflow = await workflows.workflowState(executionId);
    const now = clock.now();
    const steps = sweepSteps({
      open: call.state === 'open',
      hasFinal,
      workflow,
      started: call.startedAt !== undefined,
      ageMs: now - call.startRequestedAt,
      retention: run.retention,
      absenceConfirmed: await this.#isAbsent(call, workflow, hasFinal, run),
      cancelDue: call.cancelAt !== undefined && now >= call.cancelAt + CANCEL_AGAIN_AFTER_MS,
      pastDeadline: waitsPastDeadline(call, now),
    });
    for (const step of steps) await this.#do(step, call, run);
    return { nextAt: now + nextLookMs(call, hasFinal, steps, run), answered: workflow !== 'unknown' };
  }

  /** Until when there is nothing to ask about a row without an end: its workflow has just been started, or will be. */
  #quietUntil(call: Call, { soonMs, restMs, retention }: SweepRun): number {
    const now = this.#options.clock.now();
    const { startRequestedAt, startedAt, cancelAt } = call;
    if (waitsPastDeadline(call, now)) return 0;
    if (startedAt === undefined) {
      return isTooOldToStart(now - startRequestedAt, retention) ? 0 : now + soonMs;
    }
    if (cancelAt !== undefined) return cancelAt + CANCEL_AGAIN_AFTER_MS;
    // In the future only where the clock was put back: then it says nothing.
    return startedAt > now ? 0 : startedAt + restMs;
  }

  /**
   * Whether a workflow that is not found is really gone. Two looks have to say so, some time apart, and then a write:
   * a server that lags behind answers reads that the one in charge would answer otherwise, but it passes writes on.
   * Whatever else comes in between, silence too, makes it begin anew. That a start is under way elsewhere is no danger:
   * a row counts as started once Temporal has said so, and one that does not is left to the starts until nobody may
   * start it any more.
   */
  async #isAbsent(
    { executionId }: Call,
    workflow: WorkflowState,
    hasFinal: boolean,
    { restMs }: SweepRun,
  ): Promise<boolean> {
    if (workflow !== 'not_found' || hasFinal) {
      this.#absences.clear(executionId);
      return false;
    }
    const now = this.#options.clock.now();
    if (now - this.#absences.note(executionId, now) < restMs) return false;
    try {
      return !(await this.#options.workflows.exists?.(executionId));
    } catch {
      return false;
    }
  }

  #do(step: SweepStep, call: Call, run: SweepRun): Promise<void> {
    switch (step.kind) {
      case 'mark_started':
        return this.#options.ledger.markStarted(call.executionId, this.#options.clock.now());
      case 'confirm_absence':
        return Promise.resolve();
      case 'end':
        return this.#end(call, step.end, run);
      case 'deliver':
        return this.#deliver(call, run);
      case 'remind':
        return this.#remind(call);
      case 'cancel':
        return this.#cancel(call);
      case 'expire':
        return this.#expire(call, run);
    }
  }

  /**
   * Stores the end of a workflow that is over. The store takes one end only: if the workflow has stored its own
   * meanwhile, or runs after all and stores one later, whichever came first is what everybody is told.
   */
  async #end(call: Call, end: OrphanEnd, run: SweepRun): Promise<void> {
    const { finals, workflows, onEvent } = this.#options;
    const { executionId } = call;
    const { stored } = await finals.store(executionId, orphanOutcome(end, call));
    if (stored) onEvent({ kind: 'ended', executionId, end });
    // For a workflow that a start under way has brought to life just now: it ends with what stands.
    if (end === 'lost') await workflows.signalFinalStored?.(executionId).catch(() => {});
    if (call.state === 'open') await this.#deliver(call, run);
  }

  async #deliver(call: Call, { silent, down }: SweepRun): Promise<void> {
    const { deliverer, ledger, clock, onEvent } = this.#options;
    const { executionId, target = '', verdict, nextTryAt = 0 } = call;
    const isBack = verdict === 'unreachable' && !down.has(target);
    if (silent.has(target) || (nextTryAt > clock.now() && !isBack)) return;
    const delivery = await deliverer.deliver(executionId);
    if (delivery.verdict === 'unreachable') silent.add(target);
    onEvent({ kind: 'redelivered', executionId, delivery });
    const now = clock.now();
    const waitMs = this.#redeliveries.next(executionId, delivery, now);
    if (waitMs === undefined) return;
    // A newer binding clears the time, and so ends the wait.
    const record = { generation: delivery.generation, at: now, verdict: delivery.verdict };
    await ledger.recordVerdict(executionId, record, { kind: 'keep', nextTryAt: now + waitMs });
  }

  /** A running workflow delivers by itself; all it can lack is the news that there is something to deliver. */
  async #remind(call: Call): Promise<void> {
    const { workflows, clock, onEvent } = this.#options;
    const { executionId, generation } = call;
    if (missedRebound(call) && workflows.signalRebound) {
      await workflows.signalRebound(executionId, generation);
      onEvent({ kind: 'signalled', executionId, generation });
    }
    if (!workflows.signalFinalStored || !this.#reminders.isDue(call, clock.now())) return;
    await workflows.signalFinalStored(executionId);
    onEvent({ kind: 'final_signalled', executionId });
  }

  async #cancel({ executionId }: Call): Promise<void> {
    if (await this.#options.workflows.cancel?.(executionId)) {
      this.#options.onEvent({ kind: 'cancelled', executionId });
    }
  }

  async #expire(call: Call, { silent }: SweepRun): Promise<void> {
    const { workflows, clock, onEvent } = this.#options;
    const { executionId, target = '' } = call;
    if (silent.has(target)) return;
    const expiry = await expireRow(call, clock.now(), this.#options);
    if (expiry?.look.kind === 'no_answer') silent.add(target);
    if (!expiry?.written) return;
    onEvent({ kind: 'expired', executionId, ...expiry.written });
    if (expiry.written.stopped) await workflows.cancel?.(executionId);
  }
}

/** A workflow that ends by a cancel, or that may be gone, is news soon; of the others, the more the later. */
function nextLookMs(
  { cancelAt }: Call,
  hasFinal: boolean,
  steps: readonly SweepStep[],
  { intervalMs, soonMs, restMs }: SweepRun,
): number {
  const urgent = !hasFinal && cancelAt !== undefined;
  if (urgent || steps.some(({ kind }) => kind === 'confirm_absence')) return intervalMs;
  return hasFinal || steps.some(({ kind }) => kind === 'end') ? soonMs : restMs;
}

function waitsPastDeadline(call: Call, now: number): boolean {
  return call.state === 'open' && call.generation > 0 && isPastDeadline({ exp: call.exp, now });
}
