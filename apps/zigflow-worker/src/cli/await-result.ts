import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  isGrpcServiceError,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { JsonValue } from '@token-handshake/core';
import type { Say } from './progress.ts';

/** How a workflow ended. */
export type RunEnd =
  | { readonly kind: 'completed'; readonly result: JsonValue }
  | {
      readonly kind: 'failed';
      readonly type: string;
      readonly message: string;
      readonly details: readonly unknown[];
    }
  | { readonly kind: 'cancelled' };

const RETRY_MS = 1_000;

/** Waits for the end of a workflow, however often Temporal goes away meanwhile. */
export async function awaitResult(handle: WorkflowHandle, say: Say): Promise<RunEnd> {
  let told = false;
  for (;;) {
    try {
      const result: unknown = await handle.result();
      return { kind: 'completed', result: (result ?? null) as JsonValue };
    } catch (error) {
      if (error instanceof WorkflowFailedError) return endOf(error);
      if (!isGrpcServiceError(error) || error.code === NOT_FOUND) throw error;
      if (!told) say(`Temporal does not answer (${error.details || error.message}); still waiting`);
      told = true;
      await sleep(RETRY_MS);
    }
  }
}

const NOT_FOUND = 5;

function endOf({ cause, message }: WorkflowFailedError): RunEnd {
  if (cause instanceof CancelledFailure) return { kind: 'cancelled' };
  if (cause instanceof ApplicationFailure) {
    return {
      kind: 'failed',
      type: cause.type ?? 'Error',
      message: cause.message,
      details: cause.details ?? [],
    };
  }
  const type =
    cause instanceof TerminatedFailure
      ? 'Terminated'
      : cause instanceof TimeoutFailure
        ? 'TimedOut'
        : 'Failed';
  return { kind: 'failed', type, message: cause?.message ?? message, details: [] };
}
