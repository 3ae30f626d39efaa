import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import type { Look } from '../../decision/look.ts';
import {
  closingOf,
  describeRun,
  failedLook,
  isPending,
  mayBePending,
  type RunDescription,
  type SoughtWait,
} from './look-at-wait.ts';
import { within } from './within.ts';

/** Questions a second to one caller's Temporal: a small part of what a namespace is allowed. */
export const QUESTIONS_PER_SECOND = 20;
/** One description answers for all waits of its workflow that ask within this time. */
const FRESH_MS = 1_000;

type Description = { readonly run: RunDescription } | { readonly failed: Look };

/** A description that was asked for, and when. */
interface Asked {
  readonly askedAt: number;
  readonly description: Promise<Description>;
}

/**
 * Asks one caller's Temporal what became of its waits. A workflow with a thousand waits is described once, not a
 * thousand times, and no more than a few questions a second are asked, whatever happens to the callers.
 */
export class WaitLooks {
  readonly #intervalMs: number;
  readonly #descriptions = new Map<string, Asked>();
  #nextTurn = 0;

  constructor(questionsPerSecond: number) {
    this.#intervalMs = 1_000 / questionsPerSecond;
  }

  async look(connection: ConnectionLike, wait: SoughtWait, timeoutMs: number): Promise<Look> {
    const endsAt = performance.now() + timeoutMs;
    const described = await this.#described(connection, wait, endsAt);
    if ('failed' in described) return described.failed;
    const { run } = described;
    if (isPending(run, wait)) return { kind: 'pending' };
    try {
      const turn = async () => (await this.#turn(endsAt)) !== undefined;
      return await within(connection, endsAt - performance.now(), () =>
        closingOf(connection, wait, run, turn),
      );
    } catch (error) {
      const look = failedLook(error, 'history_not_allowed');
      // Nobody alive is taken for dead: without the history, what is pending under its id counts as this wait.
      return look.kind === 'history_not_allowed' && mayBePending(run, wait) ? { kind: 'pending' } : look;
    }
  }

  /**
   * What is remembered of the workflow, if it lists the wait or was asked for after this question. An older one may be
   * from before the activity was scheduled, so that it is missing there says nothing.
   */
  async #described(connection: ConnectionLike, wait: SoughtWait, endsAt: number): Promise<Description> {
    const askedAt = performance.now();
    const known = this.#descriptions.get(keyOf(wait));
    if (!known) return this.#ask(connection, wait, endsAt);
    const remembered = await known.description;
    if ('failed' in remembered || isPending(remembered.run, wait)) return remembered;
    const newer = this.#descriptions.get(keyOf(wait));
    return newer && newer.askedAt > askedAt ? newer.description : this.#ask(connection, wait, endsAt);
  }

  #ask(connection: ConnectionLike, wait: SoughtWait, endsAt: number): Promise<Description> {
    const key = keyOf(wait);
    const description = this.#describe(connection, wait, endsAt);
    const asked: Asked = { askedAt: performance.now(), description };
    this.#descriptions.set(key, asked);
    void description.then(async () => {
      await sleep(FRESH_MS, undefined, { ref: false });
      if (this.#descriptions.get(key) === asked) this.#descriptions.delete(key);
    });
    return description;
  }

  async #describe(connection: ConnectionLike, wait: SoughtWait, endsAt: number): Promise<Description> {
    try {
      const leftMs = await this.#turn(endsAt);
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

function keyOf({ workflowId, runId }: SoughtWait): string {
  return `${workflowId} ${runId}`;
}
