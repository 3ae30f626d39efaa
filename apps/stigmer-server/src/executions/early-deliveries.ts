import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, ExecutionId } from '@token-handshake/core';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import type { EndedExecution } from './end-execution.ts';

/**
 * How long is waited for what is under way: while the server stops, since cut off it is a lost answer, which the next
 * delivery resolves; and by the workflow, whose own way of delivering can wait for a target that hangs.
 */
const MOMENT_MS = 2_000;
/** The workflow asks within moments. */
const KNOWN_FOR_MS = 30_000;

type Parts = Pick<StigmerContext, 'callee' | 'storage' | 'metrics' | 'logger' | 'config'>;

/**
 * Sends the outcome of a good run to its caller as soon as it is stored, two hops before the workflow would. The workflow
 * is told what it came to, if it asks this server; what went wrong here is tried again there.
 *
 * Only for ends that are stored by a runner which may say that a run has ended before its activity returns: the one that
 * is part of this server, and others where the operator says so. And never for failures: the run may be repeated, and
 * end well.
 */
export class EarlyDeliveries {
  readonly #parts: Parts;
  readonly #deliveries = new Map<ExecutionId, Promise<Delivery | undefined>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins to deliver what was stored, and does not wait for it. */
  begin({ execution: { execution } }: EndedExecution, executionId: ExecutionId): void {
    const { config } = this.#parts;
    if (!config.delivery.early) return;
    if (execution.status?.phase !== ExecutionPhase.EXECUTION_COMPLETED) return;
    const delivery = this.#deliver(executionId).finally(() => {
      setTimeout(() => this.#deliveries.delete(executionId), KNOWN_FOR_MS).unref();
    });
    this.#deliveries.set(executionId, delivery);
  }

  /**
   * The early delivery of an execution, once, if the caller has its outcome by it; waits a moment for one that is under
   * way. `undefined` where the workflow has to deliver, if only to find out that it need not.
   */
  async take(executionId: ExecutionId): Promise<Delivery | undefined> {
    const delivery = await forAMoment(this.#deliveries.get(executionId));
    if (delivery !== undefined) this.#deliveries.delete(executionId);
    return delivery?.verdict === 'delivered' ? delivery : undefined;
  }

  /** Waits a moment for those that are under way. */
  async close(): Promise<void> {
    await forAMoment(Promise.all(this.#deliveries.values()));
  }

  async #deliver(executionId: ExecutionId): Promise<Delivery | undefined> {
    const { storage, callee, metrics, logger } = this.#parts;
    try {
      // Without a token there is nobody to tell: that is for the workflow to say.
      if ((await storage.ledger.find(executionId))?.generation === 0) return undefined;
      const delivery = await callee.deliverer.deliver(executionId);
      metrics.stigmer_early_deliveries_total.inc({ verdict: delivery.verdict });
      return delivery;
    } catch (error) {
      logger.warn({ executionId, err: error }, 'the outcome could not be sent early: the workflow will');
      return undefined;
    }
  }
}

/** What work comes to, if it does within {@link MOMENT_MS}; else it goes on alone. */
async function forAMoment<T>(work: Promise<T> | undefined): Promise<T | undefined> {
  const over = new AbortController();
  const patience = delay(MOMENT_MS, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, patience]);
  } finally {
    over.abort();
  }
}
