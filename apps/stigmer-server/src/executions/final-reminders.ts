import type { ExecutionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';
import { tellFinalStored } from './tell-final-stored.ts';

/** A runner that has reported the end of its run returns at once, so that nobody need be told. */
const PATIENCE_MS = 2_000;

type Parts = Parameters<typeof tellFinalStored>[0] & Pick<StigmerContext, 'storage'>;

/**
 * Tells workflows of ends that were reported by a runner outside this server, where the run does not end by itself soon: the
 * runner died after its report, or another attempt is under way that nobody needs any more. What is forgotten when
 * the server ends is made up for: by the end of the run, and for callers that wait by the sweep.
 */
export class FinalReminders {
  readonly #parts: Parts;
  readonly #timers = new Map<ExecutionId, NodeJS.Timeout>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Tells the workflow after a moment. */
  expect(executionId: ExecutionId): void {
    this.heard(executionId);
    const remind = () => {
      this.#timers.delete(executionId);
      void tellFinalStored(this.#parts, executionId);
    };
    this.#timers.set(executionId, setTimeout(remind, PATIENCE_MS).unref());
  }

  /** The workflow knows. */
  heard(executionId: ExecutionId): void {
    clearTimeout(this.#timers.get(executionId));
    this.#timers.delete(executionId);
  }

  /** Forgets all. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
