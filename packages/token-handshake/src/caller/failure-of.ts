import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { HandshakeFailureType } from '../failure-types.ts';
import type { Outcome } from '../outcome.ts';

/** Failure type of an execution that was cancelled, where the caller's activity itself was not. */
export const EXECUTION_CANCELLED = 'AgentExecutionCancelled' satisfies HandshakeFailureType;

/** An outcome that is not a result. */
export type UnsuccessfulOutcome = Exclude<Outcome, { readonly completed: unknown }>;

/** What the outcome is turned into a failure for. */
export interface FailureOptions {
  /**
   * Whether the cancellation of the caller's own activity was requested. Default `false`: Temporal would retry an
   * activity that ends as cancelled though nobody asked for it.
   */
  readonly cancelRequested?: boolean;
}

/**
 * The Temporal failure that tells a caller's workflow how a call ended. Both paths use it, the answer to `create` and
 * the completion by token, so that a caller cannot tell them apart.
 *
 * - failed: an `ApplicationFailure` with its type, message and details; retryable only if the callee said so.
 * - cancelled: a `CancelledFailure` where that was requested, else a non-retryable `ApplicationFailure` of type
 *   {@link EXECUTION_CANCELLED} with the same details.
 */
export function failureOf(
  outcome: UnsuccessfulOutcome,
  { cancelRequested = false }: FailureOptions = {},
): ApplicationFailure | CancelledFailure {
  if ('failed' in outcome) {
    const { type, message, details, retryable } = outcome.failed;
    return ApplicationFailure.create({ type, message, details: [...details], nonRetryable: !retryable });
  }
  const message = 'The execution was cancelled.';
  if (cancelRequested) return new CancelledFailure(message, [outcome.cancelled]);
  return ApplicationFailure.create({
    type: EXECUTION_CANCELLED,
    message,
    details: [outcome.cancelled],
    nonRetryable: true,
  });
}
