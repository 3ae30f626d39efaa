import type { KeyRing } from '../callback/key-ring.ts';
import { type Clock, systemClock } from '../clock.ts';
import { nextBeatAt } from '../decision/beat-schedule.ts';
import type { Look } from '../decision/look.ts';
import { resolveBeat } from '../decision/resolve-beat.ts';
import type { ExecutionId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { BeatAnswer } from './completion-target.ts';
import { openForDelivery } from './delivery/open-for-delivery.ts';
import type { FinalStore } from './final-store.ts';
import type { Leases } from './leases/leases.ts';
import { PARTITIONS, partitionOf } from './leases/partition.ts';
import type { BeatRecord, Binding, BoundCall, Ledger } from './ledger.ts';
import { ledgerView } from './ledger-view.ts';
import { lookAtCaller, type OnLook } from './look-at-caller.ts';
import { pause } from './loop.ts';
import { recordAbsence } from './record-absence.ts';
import { BeatBudgets } from './relay/beat-budgets.ts';
import type { BeatEvent } from './relay/events.ts';
import { TargetLane } from './relay/target-lane.ts';
import type { Targets } from './targets.ts';

/** What a relay needs. */
export interface RelayOptions {
  readonly ledger: Ledger;
  readonly targets: Targets;
  readonly audience: string;
  readonly keyRing: () => KeyRing;
  /** What a beat says beside the execution's id: shown as the activity's heartbeat details. Default: nothing. */
  readonly progress?: (executionId: ExecutionId) => JsonValue | undefined;
  readonly finals: Pick<FinalStore, 'has'>;
  /** What each target allows. Default: as its targets say, counted for this relay alone. */
  readonly budgets?: BeatBudgets;
  /** Which rows are this server's. Default: all of them. */
  readonly leases?: Pick<Leases, 'held'>;
  /** Stops the run of a caller that is gone; the wish is committed before. Default: the sweep does it. */
  readonly stopRun?: (executionId: ExecutionId) => Promise<unknown>;
  /** A caller asked for the cancellation of its activity. Default: the request is only reported. */
  readonly onCancelRequested?: (executionId: ExecutionId) => Promise<void>;
  /** Told of every beat. Default: nobody. */
  readonly onAnswer?: (event: BeatEvent) => void;
  /** Told of every question about a caller. Default: nobody. */
  readonly onLook?: OnLook;
  /** The loop's own failures: the ledger did not answer, or `onCancelRequested` rejected. Default: nobody is told. */
  readonly onError?: (error: unknown) => void;
  /** Beats under way at once to one target. Default: 64. */
  readonly concurrency?: number;
  /** How long one beat may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
  /** How often due beats are looked for, in milliseconds. Default: 250. */
  readonly tickMs?: number;
  /** Since when this server has taken creates: a caller's grace begins no earlier. Default: always. */
  readonly acceptingSince?: () => number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Gives numbers from 0 up to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** The default budget of a target, at up to 300 ms a beat. */
const CONCURRENCY = 64;
const TIMEOUT_MS = 5_000;
const TICK_MS = 250;
/** While beats wait for their turn, or intervals are stretched, there is less time to spare than a tick. */
const BUSY_TICK_MS = 50;
/** A beat that did not come through is due again after this long. */
const RETRY_MS = 1_000;

/**
 * Keeps callers' activities alive while nobody of theirs runs: one loop beats the newest binding of every open row each
 * third of its heartbeat time-out, one try a beat. No wait has a timer, connection or promise of its own: between two
 * beats it is a row of the ledger.
 *
 * Each target gets no more beats a second than it allows: new bindings first, then whoever has least time left. Under
 * pressure the intervals stretch; what would not fit even so is refused before it becomes a row.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #clock: Clock;
  readonly #budgets: BeatBudgets;
  readonly #lanes = new Map<string, TargetLane>();
  readonly #underWay = new Map<ExecutionId, Promise<void>>();
  #sent: BeatRecord[] = [];
  #busy = false;
  #waker = new AbortController();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#budgets = options.budgets ?? new BeatBudgets({ ...options, clock: this.#clock });
  }

  /** Looks for due beats now instead of at the next tick: after a `create` bound a token. */
  wake(): void {
    this.#waker.abort();
  }

  /** Beats until the signal aborts; then ends the beats under way, writes them, and returns. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { tickMs = TICK_MS } = this.#options;
    while (!signal.aborted) {
      this.#waker = new AbortController();
      await this.#guard(() => this.#tick());
      const pauseMs = this.#busy ? Math.min(BUSY_TICK_MS, tickMs) : tickMs;
      await pause(pauseMs, AbortSignal.any([signal, this.#waker.signal]));
    }
    await this.#settle();
  }

  /** Sends what is due now and may be sent now, and waits until that is written. Never rejects. */
  async runOnce(): Promise<void> {
    await this.#guard(() => this.#tick());
    await this.#settle();
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#underWay.values());
    await this.#guard(() => this.#flush());
  }

  /** Writes what was sent, then sends to each target what is due. Does not wait for answers. */
  async #tick(): Promise<void> {
    this.#busy = false;
    await this.#flush();
    await this.#budgets.refresh();
    const held = this.#options.leases?.held();
    if (held?.size === 0) return;
    for (const target of this.#budgets.targets()) await this.#serve(target, held);
  }

  async #serve(target: string, held: Epochs | undefined): Promise<void> {
    const { ledger, concurrency = CONCURRENCY } = this.#options;
    const partitions = held && held.size < PARTITIONS ? [...held.keys()] : undefined;
    const now = this.#clock.now();
    const lane = this.#laneOf(target);
    const perSecond = this.#budgets.rateOf(target, partitions);
    const room = lane.room(now, { perSecond, concurrency });
    this.#busy ||= room <= 0 || this.#budgets.loadOf(target).stretch > 1;
    if (room <= 0) return;
    // Beats under way are still due in the ledger.
    const due = await ledger.dueBeats(now, room + lane.underWay, {
      target,
      ...(partitions && { partitions }),
    });
    const next = due.filter(({ call }) => !this.#underWay.has(call.executionId));
    for (const bound of next.slice(0, room)) {
      const { executionId } = bound.call;
      const epoch = held?.get(partitionOf(executionId));
      lane.enter();
      this.#underWay.set(
        executionId,
        this.#guard(() => this.#beat({ ...bound, lane, ...(epoch !== undefined && { epoch }) })).finally(() =>
          this.#underWay.delete(executionId),
        ),
      );
    }
    this.#busy ||= next.length >= room;
  }

  #laneOf(target: string): TargetLane {
    const known = this.#lanes.get(target);
    if (known) return known;
    const lane = new TargetLane();
    this.#lanes.set(target, lane);
    return lane;
  }

  async #beat(bound: Turn): Promise<void> {
    const { call, binding } = bound;
    const { executionId, target = '' } = call;
    const { generation, fingerprint, heartbeatTimeoutMs } = binding;
    const { onAnswer, onCancelRequested, stopRun, random = Math.random } = this.#options;
    const began = this.#clock.now();
    const started = performance.now();
    let sending: Sending | undefined;
    let answer: BeatAnswer = { kind: 'unreachable', detail: 'The beat could not be sent.' };
    try {
      sending = await this.#prepare(bound);
      answer = await sending.send();
    } finally {
      const silent = answer.kind === 'unreachable';
      const now = this.#clock.now();
      bound.lane.settle(now, !silent);
      const { stretch } = this.#budgets.loadOf(target);
      const regular = nextBeatAt({ now, heartbeatTimeoutMs, jitter: random(), stretch });
      this.#record(bound, silent ? retryAt(now, binding) : regular, ALIVE.has(answer.kind) ? now : undefined);
    }
    const durationMs = performance.now() - started;
    const lateMs = Math.max(0, began - (call.nextBeatAt ?? began));
    const found = await this.#resolve(bound, answer, sending.look);
    onAnswer?.({ executionId, generation, target, fingerprint, answer, durationMs, lateMs, ...found });
    if (answer.kind === 'cancel_requested') await onCancelRequested?.(executionId);
    if (found?.cancelled) await stopRun?.(executionId);
  }

  async #prepare({ call, binding }: BoundCall): Promise<Sending> {
    const { progress, timeoutMs = TIMEOUT_MS, onLook } = this.#options;
    const opened = await openForDelivery(binding.sealed, this.#options);
    if (opened.kind === 'refused') {
      const answer = { kind: 'denied', detail: opened.detail } as const;
      return { send: async () => answer, look: async () => NOT_ASKED };
    }
    const { target, token } = opened;
    const { executionId } = call;
    const said = progress?.(executionId);
    const details = said === undefined ? { executionId } : { executionId, progress: said };
    return {
      send: () => target.beat(token, details, { timeoutMs }),
      look: () => lookAtCaller(target, token, { timeoutMs, ...(onLook && { onLook }) }),
    };
  }

  /** What a beat that found nobody means, written down. A beat alone never says so: the caller's side is asked. */
  async #resolve(
    { call: { executionId }, binding: { generation } }: BoundCall,
    answer: BeatAnswer,
    ask: () => Promise<Look>,
  ): Promise<Pick<BeatEvent, 'verdict' | 'cancelled'> | undefined> {
    if (answer.kind !== 'not_found' && answer.kind !== 'reset') return undefined;
    const look = answer.kind === 'not_found' ? await ask() : NOT_ASKED;
    const call = await this.#options.ledger.find(executionId);
    if (!call) return undefined;
    const now = this.#clock.now();
    const acceptingSince = this.#options.acceptingSince?.();
    const view = ledgerView(call, { triedGeneration: generation, now, acceptingSince });
    const decision = resolveBeat(answer, view, look);
    if (decision.kind !== 'resolved') return undefined;
    const { resolution } = decision;
    const { written, cancelled } = await recordAbsence(call, resolution, now, this.#options);
    if (!written) return undefined;
    const { verdict, effect, detail } = resolution;
    return {
      verdict: { verdict, closed: effect.kind === 'close', ...(detail !== undefined && { detail }) },
      cancelled,
    };
  }

  #record({ call, binding, epoch }: Turn, nextAt: number, beatAt?: number): void {
    this.#sent.push({
      executionId: call.executionId,
      generation: binding.generation,
      nextBeatAt: nextAt,
      ...(beatAt !== undefined && { beatAt }),
      ...(epoch !== undefined && { epoch }),
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#sent;
    if (batch.length === 0) return;
    this.#sent = [];
    try {
      await this.#options.ledger.recordBeats(batch);
    } catch (error) {
      // Nothing is lost but the times: what was not written is tried again, with what comes until then.
      this.#sent = [...batch, ...this.#sent];
      throw error;
    }
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

/** The partitions that are held, with their epochs. */
type Epochs = ReturnType<Leases['held']>;

/** One row whose turn it is. */
interface Turn extends BoundCall {
  readonly lane: TargetLane;
  /** Of the lease that the row is held by. */
  readonly epoch?: number;
}

/** One beat that is ready to go, and the question that may follow. */
interface Sending {
  readonly send: () => Promise<BeatAnswer>;
  readonly look: () => Promise<Look>;
}

/** What stands for a look where none is needed. */
const NOT_ASKED: Look = { kind: 'asking_not_allowed' };

/** Answers after which the caller's Temporal counts the activity as alive. */
const ALIVE: ReadonlySet<BeatAnswer['kind']> = new Set(['ok', 'cancel_requested', 'paused', 'reset']);

function retryAt(now: number, { heartbeatTimeoutMs }: Binding): number {
  return now + Math.min(RETRY_MS, Math.floor(heartbeatTimeoutMs / 3));
}
