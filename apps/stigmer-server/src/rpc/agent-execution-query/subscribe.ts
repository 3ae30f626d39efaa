import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution, AgentExecutionId } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { withRevision } from '../../executions/revision.ts';
import { visibleExecution } from '../../executions/visible-execution.ts';
import { requireExecution } from '../find-execution.ts';

/** What another server on the same database changes is noticed so late. */
const LOOK_MS = 5_000;

/**
 * The execution as it is, unless the reader has that state already, then as it is after every change, until its end. A
 * slow reader gets the latest state, not each one: what is held for it is one flag and the revision it has.
 */
export const subscribeAgentExecution = (context: StigmerContext) =>
  async function* (
    { value, afterRevision }: AgentExecutionId,
    { signal, values }: HandlerContext,
  ): AsyncGenerator<AgentExecution> {
    const { storage, feed, metrics, stopping } = context;
    await requireExecution(context, accessOf(values), value);
    const subscribers = metrics.stigmer_subscribers;
    subscribers.inc();
    try {
      let shown = afterRevision;
      for await (const _ of feed.changes(value, AbortSignal.any([signal, stopping]), LOOK_MS)) {
        const stored = await storage.executions.find(executionId(value));
        if (stored === undefined) return;
        const visible = withRevision(await visibleExecution(storage.ledger, stored.execution));
        const revision = visible.status.revision;
        if (revision !== shown) yield visible;
        shown = revision;
        if (stored.finalAt !== undefined || stored.deletedAt !== undefined) return;
      }
      if (stopping.aborted)
        throw new ConnectError('the server is shutting down: subscribe again', Code.Unavailable);
    } finally {
      subscribers.dec();
    }
  };
