/**
 * The types of the failures that this package gives to workflows, beside the codes of its errors. The table is the
 * source of the documentation page; a type never changes its meaning.
 */
export const HANDSHAKE_FAILURE_TYPES = {
  AgentExecutionFailed: 'The run failed, and named no type of its own.',
  AgentExecutionCancelled:
    'The execution was cancelled, and nobody had asked to cancel the activity or workflow that fails with this.',
  AgentExecutionTerminated: 'An operator terminated the workflow of the execution before it had a result.',
  AgentExecutionLost:
    'The workflow of the execution is gone from Temporal and has left no result: its retention passed, or its database was lost.',
  CallerNotCompleted:
    'The run ended well, and its caller could not be told: the callee’s workflow fails, and the result stays fetchable.',
  CompletionTargetUnreachable:
    'One attempt to complete the caller found its Temporal silent; the activity is tried again.',
  CompletionInputInvalid: 'The completion activity was given something else than it takes.',
} as const;

/** A key of {@link HANDSHAKE_FAILURE_TYPES}. */
export type HandshakeFailureType = keyof typeof HANDSHAKE_FAILURE_TYPES;
