import type { Client } from '@temporalio/client';
import { billableActions } from './billable-actions.ts';
import { type AnsweredCall, messageOf } from './call.ts';
import type { Shape } from './shapes/shape.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a closed workflow's history says. */
export interface HistoryFacts {
  readonly events: number;
  readonly actions: number;
}

/** What was left of a call when it was over. */
export type Histories =
  | { readonly kind: 'read'; readonly caller: HistoryFacts; readonly callee: HistoryFacts | null }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Waits until the callee's workflow has closed too, so that none of it runs into the next call, and reads both
 * histories.
 *
 * @throws the signal's reason
 */
export async function readHistories(
  client: Client,
  shape: Shape,
  call: AnsweredCall,
  signal: AbortSignal,
): Promise<Histories> {
  const factsOf = async (id: string): Promise<HistoryFacts> => {
    const events = (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
    return { events: events.length, actions: billableActions(events) };
  };
  try {
    const calleeId = shape.calleeOf(call.workflowId, call.result);
    if (calleeId !== undefined) await unlessAborted(signal, client.workflow.getHandle(calleeId).result());
    return {
      kind: 'read',
      caller: await factsOf(call.workflowId),
      callee: calleeId === undefined ? null : await factsOf(calleeId),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', message: `the callee's workflow: ${messageOf(error)}` };
  }
}
