import type { Client } from '@temporalio/client';
import type { Shape } from './shapes/shape.ts';

/** Above every time-out of a shape's own, so that a call ends in any case. */
const LONGEST_CALL_MS = 90_000;

/** What one call came to. */
export type Call =
  | {
      readonly kind: 'answered';
      /** From the request that starts the workflow to its result. */
      readonly ms: number;
      readonly callerEvents: number;
      readonly calleeEvents: number | null;
    }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Makes one call and times it; then, untimed, waits until the callee's workflow has closed too, so that none of it
 * runs into the next call, and counts the events of both histories.
 *
 * @throws the signal's reason
 */
export async function makeCall(client: Client, shape: Shape, signal: AbortSignal): Promise<Call> {
  try {
    const { workflow } = client;
    const workflowId = `${shape.name}-${crypto.randomUUID()}`;
    const startedAt = performance.now();
    const result: unknown = await unlessAborted(
      signal,
      workflow.execute(shape.workflowType, {
        workflowId,
        taskQueue: shape.taskQueue,
        args: [...shape.args],
        workflowExecutionTimeout: LONGEST_CALL_MS,
      }),
    );
    const ms = performance.now() - startedAt;
    const eventsOf = async (id: string) => (await workflow.getHandle(id).describe()).historyLength;
    const calleeId = shape.calleeOf(result);
    if (calleeId !== undefined) await unlessAborted(signal, workflow.getHandle(calleeId).result());
    return {
      kind: 'answered',
      ms,
      callerEvents: await eventsOf(workflowId),
      calleeEvents: calleeId === undefined ? null : await eventsOf(calleeId),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
