import type { KeyRing } from '../callback/key-ring.ts';
import { type Clock, systemClock } from '../clock.ts';
import { beatDeadline, compareDueBeats, type DueBeat, nextBeatAt } from '../decision/beat-schedule.ts';
import type { Look } from '../decision/look.ts';
import { resolveBeat } from '../decision/resolve-beat.ts';
import type { ExecutionId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { BeatAnswer } from './completion-target.ts';
import { openForDelivery } from './delivery/open-for-delivery.ts';
import type { FinalStore } from './final-store.ts';
import type { BeatRecord, Binding, BoundCall, Ledger } from './ledger.ts';
import { ledgerView } from './ledger-view.ts';
import { lookAtCaller } from './look-at-caller.ts';
import { pause } from './loop.ts';
import { recordAbsence } from './record-absence.ts';
import type { BeatEvent } from './relay/events.ts';
import { TargetBreaker } from './relay/target-breaker.ts';
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
  /** Stops the run of a caller that is gone; the wish is committed before. Default: the sweep does it. */
  readonly stopRun?: (executionId: ExecutionId) => Promise<unknown>;
  /** A caller asked for the cancellation of its activity. Default: the request is only reported. */
  readonly onCancelRequested?: (executionId: ExecutionId) => Promise<void>;
  /** Told of every beat. Default: nobody. */
  readonly onAnswer?: (event: BeatEvent) => void;
  /** The loop's own failures: the ledger did not answer, or `onCancelRequested` rejected. Default: nobody is told. */
  readonly onError?: (error: unknown) => void;
  /** Beats under way at once. Default: 32. */
  readonly concurrency?: number;
  /** How long one beat may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
  /** How often due beats are looked for, in milliseconds. Default: 250. */
  readonly tickMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Gives numbers from 0 up to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

const CONCURRENCY = 32;
const TIMEOUT_MS = 5_000;
const TICK_MS = 250;
/** A beat that did not come through, or was put off because its target is down, is due again after this long. */
const RETRY_MS = 1_000;

/**
 * Keeps callers' activities alive while nobody of theirs runs: one loop beats the newest binding of every open row each
 * third of its heartbeat time-out, new bindings first, one try a beat. No wait has a timer, connection or promise of
 * its own: between two beats it is a row of the ledger.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #clock: Clock;
  readonly #breaker = new TargetBreaker();
  readonly #underWay = new Map<ExecutionId, Promise<void>>();
  #sent: BeatRecord[] = [];
  #waker = new AbortController();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
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
      await pause(tickMs, AbortSignal.any([signal, this.#waker.signal]));
    }
    await Promise.all(this.#underWay.values());
    await this.#guard(() => this.#flush());
  }

  /** Writes what was sent, then sends what is due, as far as beats under way leave room. Does not wait for answers. */
  async #tick(): Promise<void> {
    await this.#flush();
    const { ledger, concurrency = CONCURRENCY } = this.#options;
    const room = concurrency - this.#underWay.size;
    if (room <= 0) return;
    const now = this.#clock.now();
    // Beats under way are still due in the ledger, and those put off make room for others at the next tick.
    const due = await ledger.dueBeats(now, 4 * concurrency);
    let started = 0;
    for (const bound of due.toSorted(byUrgency)) {
      const { executionId } = bound.call;
      if (started >= room) return;
      if (this.#underWay.has(executionId)) continue;
      if (!this.#breaker.enter(bound.call.target ?? '')) {
        this.#record(bound, retryAt(now, bound.binding));
        continue;
      }
      started += 1;
      this.#underWay.set(
        executionId,
        this.#guard(() => this.#beat(bound)).finally(() => this.#underWay.delete(executionId)),
      );
    }
  }

  async #beat(bound: BoundCall): Promise<void> {
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
      this.#breaker.settle(target, !silent);
      const now = this.#clock.now();
      const regular = nextBeatAt({ now, heartbeatTimeoutMs, jitter: random() });
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
    const { progress, timeoutMs = TIMEOUT_MS } = this.#options;
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
      look: () => lookAtCaller(target, token, timeoutMs),
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
    const decision = resolveBeat(answer, ledgerView(call, { triedGeneration: generation, now }), look);
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

  #record({ call, binding }: BoundCall, nextAt: number, beatAt?: number): void {
    const record = { executionId: call.executionId, generation: binding.generation, nextBeatAt: nextAt };
    this.#sent.push(beatAt === undefined ? record : { ...record, beatAt });
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

/** One beat that is ready to go, and the question that may follow. */
interface Sending {
  readonly send: () => Promise<BeatAnswer>;
  readonly look: () => Promise<Look>;
}

/** What stands for a look where none is needed. */
const NOT_ASKED: Look = { kind: 'asking_not_allowed' };

/** Answers after which the caller's Temporal counts the activity as alive. */
const ALIVE: ReadonlySet<BeatAnswer['kind']> = new Set(['ok', 'cancel_requested', 'paused', 'reset']);

function byUrgency(a: BoundCall, b: BoundCall): number {
  return compareDueBeats(urgencyOf(a), urgencyOf(b));
}

function urgencyOf({ call, binding }: BoundCall): DueBeat {
  const { lastBeatAt, startRequestedAt } = call;
  const deadline = beatDeadline(lastBeatAt ?? startRequestedAt, binding.heartbeatTimeoutMs);
  return { isNew: lastBeatAt === undefined, deadline };
}

function retryAt(now: number, { heartbeatTimeoutMs }: Binding): number {
  return now + Math.min(RETRY_MS, Math.floor(heartbeatTimeoutMs / 3));
}
