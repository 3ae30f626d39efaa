import { setTimeout as delay } from 'node:timers/promises';
import { previewOf } from '../callback/fingerprint.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Look } from '../decision/look.ts';
import { closedBefore, type LedgerView, type Resolution, resolve } from '../decision/resolve.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { ExecutionId } from '../ids.ts';
import { type Outcome, outcomeKind } from '../outcome.ts';
import type { Delivery } from '../verdict.ts';
import type { CompletionAnswer } from './completion-target.ts';
import { deliverToken, type TokenDelivery } from './delivery/deliver-token.ts';
import { deliveryOf } from './delivery/delivery-of.ts';
import type { DeliverySubject, OnDeliveryEvent } from './delivery/events.ts';
import {
  type OpenedForDelivery,
  type OpeningOptions,
  openForDelivery,
} from './delivery/open-for-delivery.ts';
import type { FinalStore } from './final-store.ts';
import type { Binding, Call, Ledger } from './ledger.ts';
import { ledgerView } from './ledger-view.ts';
import { lookAtCaller, type OnLook } from './look-at-caller.ts';

/** What a deliverer needs. */
export interface DelivererOptions extends OpeningOptions {
  readonly ledger: Ledger;
  readonly finals: FinalStore;
  /** How long one try may take, in milliseconds. Default: 8,000; with its turn, within the 10 s of the local activity. */
  readonly sendTimeoutMs?: number;
  /** Since when this server has taken creates: a caller's grace begins no earlier. Default: always. */
  readonly acceptingSince?: () => number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: nobody is told. */
  readonly onEvent?: OnDeliveryEvent;
  /** Told of every question about a caller. Default: nobody. */
  readonly onLook?: OnLook;
}

/** One try, within the 10 s of the local activity that it runs in first. */
export const SEND_TIMEOUT_MS = 8_000;

/** What is left of the 10 s for the delivery before, which mostly takes milliseconds. */
const TURN_MS = 1_500;

/** A caller that binds newer tokens faster than they are tried is left to the next attempt. */
const MAX_ROUNDS = 5;

/** What stands for a look where none is needed. */
const NOT_ASKED: Look = { kind: 'asking_not_allowed' };

/**
 * Tells callers how their calls ended.
 *
 * One delivery: 1. read the row, the stored outcome and the newest binding; 2. open and check its token; 3. record
 * that the outcome goes out; 4. send it, once; 5. read the row again, ask the caller's side where the answer is
 * NOT_FOUND, and resolve the answer; 6. record the verdict. Steps 3 and 6 are compare-and-set: if a newer binding came in between, all of it starts again with that one.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #clock: Clock;
  readonly #turns = new Map<ExecutionId, Promise<unknown>>();

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Delivers the stored outcome of an execution: one try, and more only where a newer binding superseded the one tried.
   * Of several at once each waits for the one before it, for at most 1.5 s, and then mostly finds the row closed: the
   * caller's side would know but one of two outcomes on their way, and would have to be asked about the other.
   *
   * @throws HandshakeError `EXECUTION_UNKNOWN`, `OUTCOME_MISSING`: bugs of the callee, not of the caller's side
   */
  async deliver(executionId: ExecutionId): Promise<Delivery> {
    const turn = this.#turnOf(executionId).then(() => this.#deliver(executionId));
    const over = turn.catch(() => undefined);
    this.#turns.set(executionId, over);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(executionId) === over) this.#turns.delete(executionId);
    }
  }

  async #turnOf(executionId: ExecutionId): Promise<void> {
    const before = this.#turns.get(executionId);
    if (before === undefined) return;
    const waiting = new AbortController();
    const patience = delay(TURN_MS, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
    await Promise.race([before, patience]);
    waiting.abort();
  }

  async #deliver(executionId: ExecutionId): Promise<Delivery> {
    const first = await this.#find(executionId);
    let round = await this.#round(first, first.unansweredSince);
    for (let tried = 1; round.kind === 'again' && tried < MAX_ROUNDS; tried += 1) {
      round = await this.#round(await this.#find(executionId), round.lostSince);
    }
    if (round.kind === 'done') return round.delivery;
    const { generation } = await this.#find(executionId);
    return { verdict: 'superseded', generation, closed: false };
  }

  /** Delivers by a token alone, for services without a ledger. See {@link deliverToken}. */
  deliverToken(request: TokenDelivery): Promise<Delivery> {
    const { sendTimeoutMs = SEND_TIMEOUT_MS } = this.#options;
    return deliverToken(request, { ...this.#options, sendTimeoutMs, clock: this.#clock });
  }

  /** @param lostSince since when a completion has been out whose answer never came */
  async #round(call: Call, lostSince: number | undefined): Promise<Round> {
    const { ledger, finals } = this.#options;
    const { executionId, generation, state } = call;
    const report = this.#reporter();
    const subject = { executionId, generation };
    const again: Round = { kind: 'again', lostSince };
    if (state !== 'open')
      return report(subject, closedBefore(this.#view(call, generation, lostSince), state));
    if (generation === 0)
      return (await this.#record(executionId, SKIPPED)) ? report(subject, SKIPPED) : again;
    const outcome = await finals.outcome(executionId);
    if (!outcome) throw outcomeMissing(executionId);
    const [binding, ...older] = await ledger.bindings(executionId);
    if (binding?.generation !== generation) return again;
    const sentAt = this.#clock.now();
    const attempt = await this.#attempt([binding, ...older], outcome, { sentAt, lostSince });
    if (!attempt) return again;
    const { answer } = attempt;
    if (answer.kind === 'unreachable' && call.target !== undefined) {
      await ledger.markTargetDown(call.target, this.#clock.now(), answer.detail);
    }
    const row = await this.#find(executionId);
    const unresolved = answer.kind === 'not_found' && row.state === 'open' && row.generation === generation;
    const look = unresolved ? await attempt.look() : NOT_ASKED;
    // Others may be delivering, too: what went out before this try, and has no answer yet, may have been taken.
    const lost = lostSince ?? earlierThan(sentAt, row.unansweredSince);
    const resolution = resolve(answer, this.#view(row, generation, lost), look);
    if (resolution.verdict === 'superseded') return again;
    const mayBeTaken = answer.kind === 'unreachable' && !answer.notSent;
    const answered = lost === undefined && !mayBeTaken;
    if (await this.#record(executionId, resolution, answered)) return report(attempt.subject, resolution);
    // Taken, but the row has moved on: the newer binding will find nobody, and that must not count as "gone".
    return { kind: 'again', lostSince: answer.kind === 'ok' ? (lostSince ?? sentAt) : lostSince };
  }

  /** `undefined` when a newer binding came before anything was sent. */
  async #attempt(
    bindings: readonly [Binding, ...Binding[]],
    outcome: Outcome,
    { sentAt, lostSince }: { readonly sentAt: number; readonly lostSince: number | undefined },
  ) {
    const [binding] = bindings;
    const { executionId, generation } = binding;
    const opened = await openForDelivery(binding.sealed, this.#options);
    const subject = subjectOf(binding, opened, outcome);
    if (opened.kind === 'refused') return { subject, answer: opened.answer, look: async () => NOT_ASKED };
    const recorded = await this.#options.ledger.recordSent(executionId, generation, sentAt, lostSince);
    if (!recorded) return undefined;
    this.#options.onEvent?.({ kind: 'attempt', ...subject });
    const answer = await this.#send(bindings, opened, outcome);
    const { onLook } = this.#options;
    const look = () => lookAtCaller(opened.target, opened.token, onLook && { onLook });
    return { subject, answer, look };
  }

  /**
   * Sends to the newest binding. Raw tokens have no order, so the newest of them is only the last that came: where
   * its Temporal does not know it, the others are tried once, in what is left of the time.
   */
  async #send(
    [binding, ...older]: readonly [Binding, ...Binding[]],
    { target, token }: Opened,
    outcome: Outcome,
  ): Promise<CompletionAnswer> {
    const { sendTimeoutMs = SEND_TIMEOUT_MS } = this.#options;
    const until = performance.now() + sendTimeoutMs;
    const answer = await target.send(token, outcome, { timeoutMs: sendTimeoutMs });
    if (answer.kind !== 'not_found' || binding.ord !== undefined) return answer;
    for (const other of older) {
      const timeoutMs = until - performance.now();
      const opened = await openForDelivery(other.sealed, this.#options);
      if (timeoutMs <= 0 || opened.kind === 'refused') continue;
      const again = await opened.target.send(opened.token, outcome, { timeoutMs });
      if (again.kind === 'ok') return again;
    }
    return answer;
  }

  /** `false` when the row has moved on, so that this resolution says nothing about it any more. */
  async #record(executionId: ExecutionId, resolution: Resolution, answered = false): Promise<boolean> {
    const { verdict, generation, effect, detail } = resolution;
    if (effect.kind === 'none') return true;
    const record = { generation, at: this.#clock.now(), verdict, ...(detail !== undefined && { detail }) };
    return this.#options.ledger.recordVerdict(executionId, record, { ...effect, answered });
  }

  /** Starts a round's clock; the result tells everybody what the round came to. */
  #reporter(): Report {
    const started = performance.now();
    return (subject, resolution) => {
      const delivery = deliveryOf(resolution, this.#clock.now());
      const durationMs = performance.now() - started;
      this.#options.onEvent?.({ kind: 'verdict', ...subject, ...delivery, durationMs });
      return { kind: 'done', delivery };
    };
  }

  #view(call: Call, triedGeneration: number, lostSince: number | undefined): LedgerView {
    const acceptingSince = this.#options.acceptingSince?.();
    const tried = { triedGeneration, now: this.#clock.now(), answerLost: lostSince !== undefined };
    return ledgerView(call, { ...tried, acceptingSince });
  }

  async #find(executionId: ExecutionId): Promise<Call> {
    const call = await this.#options.ledger.find(executionId);
    if (call) return call;
    throw new HandshakeError(
      'EXECUTION_UNKNOWN',
      `expected the ledger to know the execution "${executionId}", but it has no such call`,
    );
  }
}

function earlierThan(at: number, since: number | undefined): number | undefined {
  return since !== undefined && since < at ? since : undefined;
}

type Round =
  | { readonly kind: 'done'; readonly delivery: Delivery }
  | { readonly kind: 'again'; readonly lostSince: number | undefined };
type Report = (subject: DeliverySubject, resolution: Resolution) => Round;
type Opened = OpenedForDelivery & { readonly kind: 'opened' };

const SKIPPED: Resolution = {
  verdict: 'skipped',
  generation: 0,
  effect: { kind: 'close', state: 'skipped' },
};

function subjectOf(
  { executionId, generation, fingerprint, sealed }: Binding,
  opened: OpenedForDelivery,
  outcome: Outcome,
) {
  return {
    executionId,
    generation,
    fingerprint,
    length: sealed.length,
    outcome: outcomeKind(outcome),
    ...(opened.kind === 'opened' && {
      target: opened.target.name,
      ...(opened.token.claims && { preview: previewOf(opened.token.claims.taskToken) }),
    }),
  };
}

function outcomeMissing(executionId: ExecutionId): HandshakeError {
  return new HandshakeError(
    'OUTCOME_MISSING',
    `expected the execution "${executionId}" to have a final before it is delivered; store the final first`,
  );
}
