import type { HandshakeFailureType } from './failure-types.ts';
import type { Outcome } from './outcome.ts';

/** The system activity by which a callee's workflow delivers an outcome: one name and one JSON in every language. */
export const COMPLETE_EXTERNAL_ACTIVITY = 'stigmer/system/complete-external-activity';

/**
 * What the completion activity is given.
 *
 * - `executionId`: the outcome and the binding that counts are read from the callee's stores.
 * - `callbackToken` with `outcome`: for services without a ledger. In JSON the token is the base64 of the field's
 *   bytes; an empty one gives the verdict `skipped`.
 */
export type CompleteExternalInput =
  | { readonly executionId: string }
  | { readonly callbackToken: string; readonly outcome: Outcome };

/** Failure type of an attempt that found the caller's Temporal silent, where the retry policy allows another one. */
export const TARGET_UNREACHABLE = 'CompletionTargetUnreachable' satisfies HandshakeFailureType;

/** Failure type of a completion activity that was given something else than {@link CompleteExternalInput}. */
export const COMPLETION_INPUT_INVALID = 'CompletionInputInvalid' satisfies HandshakeFailureType;

/** Failure type of a callee's workflow whose run ended well, but whose caller could not be told. */
export const CALLER_NOT_COMPLETED = 'CallerNotCompleted' satisfies HandshakeFailureType;
