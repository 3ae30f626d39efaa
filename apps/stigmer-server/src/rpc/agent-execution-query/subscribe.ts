import { toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  type AgentExecutionId,
  AgentExecutionSchema,
} from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { visibleExecution } from '../../executions/visible-execution.ts';
import { requireExecution } from '../find-execution.ts';

/** What another server on the same database changes is noticed so late. */
const LOOK_MS = 5_000;

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
      let shown: Uint8Array | undefined;
      for await (const _ of feed.changes(value, AbortSignal.any([signal, stopping]), LOOK_MS)) {
        const stored = await storage.executions.find(executionId(value));
        if (stored === undefined) return;
        const visible = await visibleExecution(storage.ledger, stored.execution);
        const bytes = toBinary(AgentExecutionSchema, visible);
        if (shown === undefined || !equalBytes(shown, bytes)) yield visible;
        shown = bytes;
        if (stored.finalAt !== undefined || stored.deletedAt !== undefined) return;
      }
      if (stopping.aborted)
        throw new ConnectError('the server is shutting down: subscribe again', Code.Unavailable);
    } finally {
      subscribers.dec();
    }
  };

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
