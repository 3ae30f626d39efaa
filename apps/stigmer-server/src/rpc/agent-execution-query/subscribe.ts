import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import type { AgentExecution, AgentExecutionId } from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { visibleExecution } from '../../executions/visible-execution.ts';
import { requireExecution } from '../find-execution.ts';

/**
 * The execution as it is, then as it is after every change, until its end. A slow reader gets the latest state, not
 * each one: what is held for it is one flag.
 */
export const subscribeAgentExecution = (context: StigmerContext) =>
  async function* (
    { value }: AgentExecutionId,
    { signal, values }: HandlerContext,
  ): AsyncGenerator<AgentExecution> {
    const { storage, feed, metrics, stopping } = context;
    await requireExecution(context, accessOf(values), value);
    const subscribers = metrics.stigmer_subscribers;
    subscribers.inc();
    try {
      for await (const _ of feed.changes(value, AbortSignal.any([signal, stopping]))) {
        const stored = await storage.executions.find(executionId(value));
        if (stored === undefined) return;
        yield await visibleExecution(storage.ledger, stored.execution);
        if (stored.finalAt !== undefined || stored.deletedAt !== undefined) return;
      }
      if (stopping.aborted)
        throw new ConnectError('the server is shutting down: subscribe again', Code.Unavailable);
    } finally {
      subscribers.dec();
    }
  };
