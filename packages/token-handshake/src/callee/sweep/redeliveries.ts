import type { ExecutionId } from '../../ids.ts';
import type { Delivery } from '../../verdict.ts';

/** As a workflow pauses that delivers by itself: 1 minute, then twice as long, to 30 minutes. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** What was not tried for this long is forgotten: its row has closed, or another server has it. */
const FORGET_AFTER_MS = 2 * LONGEST_WAIT_MS;

/** What one row was last told to wait. */
interface Wait {
  readonly generation: number;
  readonly waitMs: number;
  readonly at: number;
}

/** Says how long the sweep lets pass before it tells a caller again. */
export class Redeliveries {
  readonly #waits = new Map<ExecutionId, Wait>();

  /** The wait after this try; `undefined` where it was an end, or said itself when it is to be repeated. */
  next(
    executionId: ExecutionId,
    { verdict, generation, closed, retryAfterMs }: Delivery,
    now: number,
  ): number | undefined {
    const isWait = !closed && (verdict === 'unbound' || verdict === 'unreachable');
    if (!isWait || retryAfterMs !== undefined) {
      this.#waits.delete(executionId);
      return undefined;
    }
    const last = this.#waits.get(executionId);
    const grown = last?.generation === generation ? 2 * last.waitMs : FIRST_WAIT_MS;
    const waitMs = Math.min(grown, LONGEST_WAIT_MS);
    this.#waits.set(executionId, { generation, waitMs, at: now });
    return waitMs;
  }

  prune(now: number): void {
    for (const [id, { at }] of this.#waits) if (now - at > FORGET_AFTER_MS) this.#waits.delete(id);
  }
}
