import type { ExecutionId } from '../../ids.ts';

/** What nobody asks about any more is forgotten after this long. */
const FORGET_AFTER_MS = 60 * 60_000;

/** Remembers since when workflows have not been found, in this process: after a restart it counts anew. */
export class Absences {
  readonly #seen = new Map<ExecutionId, { readonly since: number; readonly last: number }>();

  /** The workflow was not found. Returns since when that has been so, at every look. */
  note(executionId: ExecutionId, now: number): number {
    const since = this.#seen.get(executionId)?.since ?? now;
    this.#seen.set(executionId, { since, last: now });
    return since;
  }

  /** It was found, or nobody answered: what was seen before says nothing any more. */
  clear(executionId: ExecutionId): void {
    this.#seen.delete(executionId);
  }

  prune(now: number): void {
    for (const [id, { last }] of this.#seen) if (now - last > FORGET_AFTER_MS) this.#seen.delete(id);
  }
}
