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
import type { BoundCall, Ledger } from './ledger.ts';
import { ledgerView } from './ledger-view.ts';
import { lookAtCaller, type OnLook } from './look-at-caller.ts';
import { endWithin, pause, STOP_MS } from './loop.ts';
import { recordAbsence } from './record-absence.ts';
import { BeatBudgets } from './relay/beat-budgets.ts';
import { chooseTurns } from './relay/choose-turns.ts';
import type { BeatEvent } from './relay/events.ts';
import { TargetLane } from './relay/target-lane.ts';
import { UnwrittenBeats } from './relay/unwritten-beats.ts';
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
  /** How long beats under way may still take once the relay is to stop, in milliseconds. Default: 3,000. */
  readonly stopMs?: number;
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
/** Rows read to find one that tells best whether a target is back. */
const PROBE_CHOICE = 64;
/** Rows that are due and not to be beaten are read with the others, up to so many. */
const MOST_PASSED_OVER = 10_000;

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
  readonly #unwritten = new UnwrittenBeats();
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

  /**
   * Beats until the signal aborts; then waits for the beats under way, writes what came of them, and returns. Never
   * rejects. A beat that hangs is given up: its row stays due.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { tickMs = TICK_MS, stopMs = STOP_MS } = this.#options;
    while (!signal.aborted) {
      this.#waker = new AbortController();
      await this.#guard(() => this.#tick());
      const pauseMs = this.#busy ? Math.min(BUSY_TICK_MS, tickMs) : tickMs;
      await pause(pauseMs, AbortSignal.any([signal, this.#waker.signal]));
    }
    await endWithin(stopMs, signal, this.#ended());
    await this.#write();
  }

  /** Sends what is due now and may be sent now, and waits until that is written. Never rejects. */
  async runOnce(): Promise<void> {
    await this.#guard(() => this.#tick());
    await this.#ended();
    await this.#write();
  }

  async #ended(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  #write(): Promise<void> {
    return this.#guard(() => this.#unwritten.write(this.#options.ledger));
  }

  /**
   * Writes what was sent, then sends to each target what is due. Does not wait for answers. A ledger that takes no
   * writes, as on a full disk, can still be read, and callers need their beats all the same.
   */
  async #tick(): Promise<void> {
    this.#busy = false;
    await this.#write();
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
    const limits = { perSecond: this.#budgets.rateOf(target, partitions), concurrency };
    const room = lane.room(now, limits);
    this.#busy ||= room <= 0 || this.#budgets.loadOf(target).stretch > 1;
    if (room <= 0) return;
    const { isDown, failing } = lane;
    // Beats under way, and those that could not be written, are still due in the ledger.
    const passedOver = lane.underWay + this.#unwritten.size + (isDown ? failing.size : failing.countDue(now));
    const wanted = isDown ? PROBE_CHOICE : room;
    const due = await ledger.dueBeats(now, wanted + Math.min(passedOver, MOST_PASSED_OVER), {
      target,
      ...(partitions && { partitions }),
    });
    const next = due.filter(
      (bound) => !this.#underWay.has(bound.call.executionId) && !this.#unwritten.putsOff(bound, now),
    );
    const failingRoom = lane.failingRoom(limits);
    const { chosen, putOff } = chooseTurns(next, failing, { now, isDown, room, failingRoom });
    for (const bound of chosen) this.#begin(bound, lane, held);
    for (const bound of putOff) {
      this.#record(turnOf(bound, lane, held), failing.putOff(bound, now));
    }
    this.#busy ||= chosen.length >= room;
  }

  #begin(bound: BoundCall, lane: TargetLane, held: Epochs | undefined): void {
    const { executionId } = bound.call;
    const turn = turnOf(bound, lane, held);
    lane.enter(this.#clock.now(), turn.failedBefore);
    this.#underWay.set(
      executionId,
      this.#guard(() => this.#beat(turn)).finally(() => this.#underWay.delete(executionId)),
    );
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
      const { stretch } = this.#budgets.loadOf(target);
      const regularAt = nextBeatAt({ now, heartbeatTimeoutMs, jitter: random(), stretch });
      const nextAt = bound.lane.settle(bound, { now, answered: !silent, regularAt });
      this.#record(bound, nextAt, ALIVE.has(answer.kind) ? now : undefined);
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
    this.#unwritten.add({
      executionId: call.executionId,
      generation: binding.generation,
      nextBeatAt: nextAt,
      ...(beatAt !== undefined && { beatAt }),
      ...(epoch !== undefined && { epoch }),
    });
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
  /** Whether its newest beat was not answered. */
  readonly failedBefore: boolean;
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

function turnOf(bound: BoundCall, lane: TargetLane, held: Epochs | undefined): Turn {
  const epoch = held?.get(partitionOf(bound.call.executionId));
  const failedBefore = lane.failing.failedAt(bound) !== undefined;
  return { ...bound, lane, failedBefore, ...(epoch !== undefined && { epoch }) };
}
