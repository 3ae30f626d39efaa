import { WorkflowNotFoundError } from '@temporalio/client';
import type { ExecutionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/** A runner that has reported the end of its run returns at once, so that nobody need be told. */
const PATIENCE_MS = 2_000;
const LONGEST_BACK_OFF_MS = 60_000;

type Parts = Pick<StigmerContext, 'workflows' | 'logger'>;

/**
 * Tells workflows of ends that were reported by a runner outside this server, where the run does not end by itself soon: the
 * runner died after its report, or another attempt is under way that nobody needs any more. Repeated until Temporal
 * has taken it. What is forgotten when the server ends is made up for: for callers that wait by the sweep, and by the
 * end of the run.
 */
export class FinalReminders {
  readonly #parts: Parts;
  readonly #timers = new Map<ExecutionId, NodeJS.Timeout>();
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Tells the workflow after a moment. */
  expect(executionId: ExecutionId): void {
    this.#schedule(executionId, PATIENCE_MS);
  }

  /** The workflow knows. */
  heard(executionId: ExecutionId): void {
    clearTimeout(this.#timers.get(executionId));
    this.#timers.delete(executionId);
  }

  /** Forgets all. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(executionId: ExecutionId, waitMs: number): void {
    this.heard(executionId);
    if (this.#closed) return;
    const timer = setTimeout(() => void this.#tell(executionId, timer, waitMs), waitMs).unref();
    this.#timers.set(executionId, timer);
  }

  async #tell(executionId: ExecutionId, timer: NodeJS.Timeout, waitedMs: number): Promise<void> {
    const { workflows, logger } = this.#parts;
    try {
      await workflows.signalFinalStored(executionId);
    } catch (error) {
      const isStillWanted = this.#timers.get(executionId) === timer;
      if (!(error instanceof WorkflowNotFoundError) && isStillWanted) {
        logger.debug({ executionId, err: error }, 'the workflow could not be told of the stored end');
        this.#schedule(executionId, Math.min(2 * waitedMs, LONGEST_BACK_OFF_MS));
        return;
      }
    }
    if (this.#timers.get(executionId) === timer) this.#timers.delete(executionId);
  }
}
