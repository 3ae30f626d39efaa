import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import type { Look } from '../../decision/look.ts';
import {
  closingOf,
  describeRun,
  failedLook,
  isPending,
  type RunDescription,
  type SoughtWait,
} from './look-at-wait.ts';
import { within } from './within.ts';

/** Questions a second to one caller's Temporal: a small part of what a namespace is allowed. */
export const QUESTIONS_PER_SECOND = 20;
/** One description answers for all waits of its workflow that ask within this time. */
const FRESH_MS = 1_000;

type Description = { readonly run: RunDescription } | { readonly failed: Look };

/**
 * Asks one caller's Temporal what became of its waits. A workflow with a thousand waits is described once, not a
 * thousand times, and no more than a few questions a second are asked, whatever happens to the callers.
 */
export class WaitLooks {
  readonly #intervalMs: number;
  readonly #descriptions = new Map<string, Promise<Description>>();
  #nextTurn = 0;

  constructor(questionsPerSecond: number) {
    this.#intervalMs = 1_000 / questionsPerSecond;
  }

  async look(connection: ConnectionLike, wait: SoughtWait, timeoutMs: number): Promise<Look> {
    const endsAt = performance.now() + timeoutMs;
    const described = await this.#described(connection, wait, timeoutMs);
    if ('failed' in described) return described.failed;
    const { run } = described;
    if (isPending(run, wait)) return { kind: 'pending' };
    try {
      const leftMs = await this.#turn(endsAt);
      if (leftMs === undefined) return { kind: 'no_answer' };
      return await within(connection, leftMs, () => closingOf(connection, wait, run));
    } catch (error) {
      return failedLook(error, 'history_not_allowed');
    }
  }

  #described(connection: ConnectionLike, wait: SoughtWait, timeoutMs: number): Promise<Description> {
    const key = `${wait.workflowId} ${wait.runId}`;
    const known = this.#descriptions.get(key);
    if (known) return known;
    const asked = this.#describe(connection, wait, timeoutMs);
    this.#descriptions.set(key, asked);
    void asked.then(async () => {
      await sleep(FRESH_MS, undefined, { ref: false });
      this.#descriptions.delete(key);
    });
    return asked;
  }

  async #describe(connection: ConnectionLike, wait: SoughtWait, timeoutMs: number): Promise<Description> {
    try {
      const leftMs = await this.#turn(performance.now() + timeoutMs);
      if (leftMs === undefined) return { failed: { kind: 'no_answer' } };
      return { run: await within(connection, leftMs, () => describeRun(connection, wait)) };
    } catch (error) {
      return { failed: failedLook(error, 'asking_not_allowed') };
    }
  }

  /** Waits for this question's turn. `undefined` when it does not come before `endsAt`; else what is left of the time. */
  async #turn(endsAt: number): Promise<number | undefined> {
    const now = performance.now();
    const turn = Math.max(now, this.#nextTurn);
    if (turn >= endsAt) return undefined;
    this.#nextTurn = turn + this.#intervalMs;
    if (turn > now) await sleep(turn - now);
    return endsAt - turn;
  }
}
