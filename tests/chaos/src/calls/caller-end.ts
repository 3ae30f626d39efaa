import type { WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { sha256 } from '../agent/answer-text.ts';

/** How much of a text is kept beside its digest, in characters: more than tells two answers apart. */
const HEAD_LENGTH = 100;

/** How a caller's workflow ended, as Temporal tells it. */
export type CallerEnd =
  | {
      readonly kind: 'completed';
      readonly executionId: string;
      readonly phase: string;
      readonly output: TextFacts;
      /** Whether parts of the execution were left out. */
      readonly truncated: boolean;
    }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'timed-out'; readonly timeoutType: string };

/** What is kept of a text that may be large. */
export interface TextFacts {
  readonly sha256: string;
  readonly bytes: number;
  readonly head: string;
}

/** The facts of a text. */
export function textFacts(text: string): TextFacts {
  return { sha256: sha256(text), bytes: Buffer.byteLength(text), head: text.slice(0, HEAD_LENGTH) };
}

/** The end of a caller whose workflow returned something. */
export function endOf(result: unknown): CallerEnd {
  const { metadata, status } = (result ?? {}) as {
    metadata?: { id?: string };
    status?: { phase?: string; output?: string; truncated?: unknown };
  };
  return {
    kind: 'completed',
    executionId: metadata?.id ?? '',
    phase: status?.phase ?? '',
    output: textFacts(status?.output ?? ''),
    truncated: status?.truncated !== undefined,
  };
}

const HAND_OFF_TIMEOUT = 'HAND_OFF_TIMEOUT';

/**
 * Whether a hand-off was not answered until the caller's time was over: Temporal then tells the failure of the last
 * attempt, and that there was no time for another.
 */
function isHandOffOutOfTime(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.retryState === 'TIMEOUT' &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === HAND_OFF_TIMEOUT
  );
}

/**
 * The end of a caller whose workflow did not complete: the innermost failure says how, and of a hand-off that ran out of
 * time the one that says so, whatever its last try had met.
 */
export function failureEnd({ cause }: Pick<WorkflowFailedError, 'cause'>): CallerEnd {
  let error: unknown = cause;
  for (;;) {
    if (isHandOffOutOfTime(error)) return { kind: 'timed-out', timeoutType: HAND_OFF_TIMEOUT };
    if (!(error instanceof TemporalFailure) || !(error.cause instanceof TemporalFailure)) break;
    error = error.cause;
  }
  if (error instanceof CancelledFailure) return { kind: 'cancelled' };
  if (error instanceof TerminatedFailure) return { kind: 'terminated' };
  if (error instanceof TimeoutFailure) return { kind: 'timed-out', timeoutType: error.timeoutType ?? '' };
  const type = error instanceof ApplicationFailure ? (error.type ?? '') : '';
  return { kind: 'failed', type, message: error instanceof Error ? error.message : String(error) };
}
