import type { ExecutionId } from '../../ids.ts';
import type { BoundCall } from '../ledger.ts';

/** Until a beat that was not answered is tried again, in milliseconds; each wait is twice the one before. */
const FIRST_RETRY_MS = 1_000;
/** However long a row's time-out is: its target may be back, and callers can only speak through a beat. */
const LONGEST_RETRY_MS = 10_000;
/** How often rows are looked for that are not open any more. */
const PRUNE_EVERY_MS = 10_000;
/** A row that was neither tried nor put off for so many of its time-outs is closed, or as good as new. */
const FORGOTTEN_AFTER = 2;

interface FailingRow {
  readonly generation: number;
  readonly heartbeatTimeoutMs: number;
  /** When the first of its unanswered beats in a row was due: soon after it was bound, if there was none before. */
  readonly since: number;
  readonly failedAt: number;
  readonly waitMs: number;
  readonly retryAt: number;
}

/**
 * The rows of one target whose newest beat was not answered. They are tried again after growing waits, so that rows
 * that nobody ever answers for leave the target to the others.
 */
export class FailingRows {
  readonly #rows = new Map<ExecutionId, FailingRow>();
  #prunedAt = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#rows.size;
  }

  /** How many of them are to be tried again by now. */
  countDue(now: number): number {
    let count = 0;
    for (const { retryAt } of this.#rows.values()) if (retryAt <= now) count += 1;
    return count;
  }

  /** When the newest beat failed; `undefined` for a row whose newest beat was answered, or that had none. */
  failedAt(bound: BoundCall): number | undefined {
    return this.#find(bound)?.failedAt;
  }

  answered(executionId: ExecutionId): void {
    this.#rows.delete(executionId);
  }

  /** Notes a beat that was not answered. Gives the time of the next one, which is at the latest the regular one. */
  failed(bound: BoundCall, now: number, regularAt: number): number {
    this.#prune(now);
    const known = this.#find(bound);
    const grownMs = known ? 2 * known.waitMs : FIRST_RETRY_MS;
    return this.#set(bound, now, {
      since: known?.since ?? Math.min(bound.call.nextBeatAt ?? now, now),
      failedAt: now,
      waitMs: Math.min(grownMs, LONGEST_RETRY_MS, Math.max(regularAt - now, 1)),
    });
  }

  /** Puts off a row that had to leave its turn to others: by as much as after its newest beat. */
  putOff(bound: BoundCall, now: number): number {
    const known = this.#find(bound);
    return known ? this.#set(bound, now, known) : now;
  }

  #set(
    { call, binding }: BoundCall,
    now: number,
    row: Pick<FailingRow, 'since' | 'failedAt' | 'waitMs'>,
  ): number {
    const { generation, heartbeatTimeoutMs } = binding;
    const leftMs = (call.lastBeatAt ?? row.since) + heartbeatTimeoutMs - now;
    // Who has a last chance gets it: the waits shrink again towards the end of the time-out.
    const lastMs = leftMs > 0 ? Math.max(leftMs / 2, FIRST_RETRY_MS) : Number.POSITIVE_INFINITY;
    const retryAt = now + Math.ceil(Math.min(row.waitMs, lastMs));
    this.#rows.set(call.executionId, { ...row, generation, heartbeatTimeoutMs, retryAt });
    return retryAt;
  }

  /** A newer token is another chance. */
  #find({ call: { executionId }, binding: { generation } }: BoundCall): FailingRow | undefined {
    const row = this.#rows.get(executionId);
    return row?.generation === generation ? row : undefined;
  }

  #prune(now: number): void {
    if (Math.abs(now - this.#prunedAt) < PRUNE_EVERY_MS) return;
    this.#prunedAt = now;
    for (const [executionId, { retryAt, heartbeatTimeoutMs }] of this.#rows) {
      if (now > retryAt + FORGOTTEN_AFTER * heartbeatTimeoutMs) this.#rows.delete(executionId);
    }
  }
}
