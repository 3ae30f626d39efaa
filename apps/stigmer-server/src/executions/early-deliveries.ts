import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionId } from '@token-handshake/core';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import type { EndedExecution } from './end-execution.ts';

/** What is under way may end while the server stops. Cut off, it is a lost answer, which the next delivery resolves. */
const CLOSE_WITHIN_MS = 2_000;

type Parts = Pick<StigmerContext, 'callee' | 'storage' | 'metrics' | 'logger' | 'config'>;

/**
 * Sends the outcome of a good run to its caller as soon as it is stored, two hops before the workflow would. The workflow
 * delivers all the same, and then finds the row closed; what went wrong here is tried again there.
 *
 * Only for ends that are stored by a runner which may say that a run has ended before its activity returns: the one that
 * is part of this server, and others where the operator says so. And never for failures: the run may be repeated, and
 * end well.
 */
export class EarlyDeliveries {
  readonly #parts: Parts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins to deliver what was stored, and does not wait for it. */
  begin({ execution: { execution } }: EndedExecution, executionId: ExecutionId): void {
    const { config } = this.#parts;
    if (!config.delivery.early) return;
    if (execution.status?.phase !== ExecutionPhase.EXECUTION_COMPLETED) return;
    const delivery = this.#deliver(executionId).finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  /** Waits a moment for those that are under way. */
  async close(): Promise<void> {
    const waiting = new AbortController();
    const patience = delay(CLOSE_WITHIN_MS, undefined, { signal: waiting.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#underWay), patience]);
    waiting.abort();
  }

  async #deliver(executionId: ExecutionId): Promise<void> {
    const { storage, callee, metrics, logger } = this.#parts;
    try {
      // Without a token there is nobody to tell: that is for the workflow to say.
      if ((await storage.ledger.find(executionId))?.generation === 0) return;
      const { verdict } = await callee.deliverer.deliver(executionId);
      metrics.stigmer_early_deliveries_total.inc({ verdict });
    } catch (error) {
      logger.warn({ executionId, err: error }, 'the outcome could not be sent early: the workflow will');
    }
  }
}
