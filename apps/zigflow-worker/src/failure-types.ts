/**
 * The types of the failures that this worker itself gives to workflows, beside those of the handshake and of the
 * agent's service. The table is the source of the documentation; a type never changes its meaning.
 */
export const FAILURE_TYPES = {
  ExpressionFailed: 'An expression ended with an error, gave several values, or ran too long.',
  TaskInvalid: 'An evaluated value is not what its task takes.',
  ValueTooLarge: 'A value is larger than Temporal can keep.',
  AgentCallTimedOut: "The agent's answer, or a sign of life of its service, did not come in time.",
  ActivityFailed:
    'Temporal ended an activity of the worker without a reason of its own; the cause tells more.',
} as const;

/** A key of {@link FAILURE_TYPES}. */
export type FailureType = keyof typeof FAILURE_TYPES;
