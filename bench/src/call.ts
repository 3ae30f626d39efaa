import type { Client } from '@temporalio/client';
import type { Shape } from './shapes/shape.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Above every time-out of a shape's own, so that a call ends in any case. */
const LONGEST_CALL_MS = 90_000;

/** What one call came to. */
export type Call =
  | {
      readonly kind: 'answered';
      readonly workflowId: string;
      /** From the request that starts the workflow to its result. */
      readonly ms: number;
      readonly result: unknown;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** A call that was answered. */
export type AnsweredCall = Extract<Call, { readonly kind: 'answered' }>;

/**
 * Makes one call and times it.
 *
 * @throws the signal's reason
 */
export async function makeCall(client: Client, shape: Shape, signal: AbortSignal): Promise<Call> {
  try {
    const workflowId = `${shape.name}-${crypto.randomUUID()}`;
    const startedAt = performance.now();
    const result: unknown = await unlessAborted(
      signal,
      client.workflow.execute(shape.workflowType, {
        workflowId,
        taskQueue: shape.taskQueue,
        args: [...shape.args],
        workflowExecutionTimeout: LONGEST_CALL_MS,
      }),
    );
    return { kind: 'answered', workflowId, ms: performance.now() - startedAt, result };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', message: messageOf(error) };
  }
}

/** What an error says, with its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
