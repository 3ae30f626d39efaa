import type { JsonValue } from '@token-handshake/core';

/** Why a run of the embedded runner failed, as its caller will see it. */
export interface RunFailure {
  readonly type: string;
  readonly message: string;
  readonly details: readonly JsonValue[];
  /** Whether another run might succeed. It is shown; the caller's activity is not tried again: its call has ended. */
  readonly retryable: boolean;
}

/** How a run ended: an answer or a failure. A cancelled one rejects with its signal's reason instead. */
export type RunEnd =
  | { readonly kind: 'answered'; readonly output: string }
  | { readonly kind: 'failed'; readonly failure: RunFailure };

/**
 * Failure types of a run. A program may name a type of its own: see the README.
 */
export const RUN_FAILURES = {
  /** The program ended with an exit code other than 0, or by a signal. */
  AgentCommandFailed: 'The program ended with an exit code other than 0, or by a signal.',
  /** The program cannot be started: it is missing, not executable, or its folder is missing. */
  AgentCommandNotStarted:
    'The program cannot be started: it or its folder is missing, or it is not executable.',
  /** The program did not end within the time of its definition. */
  AgentCommandTimedOut: 'The program did not end within the time that its definition gives it.',
  /** The answer is larger than the runner takes. */
  AgentOutputTooLarge: 'The answer is larger than the runner takes.',
  /** The agent is unknown, its definition names no runtime, or its program is not allowed here. */
  AgentNotRunnable:
    'The agent is not known any more, names no runtime, or runs a program that the API may not define.',
  /** A runner's answer is no status, or one that cannot be kept. */
  RunnerAnswerInvalid: 'The answer of the runner is no `AgentExecutionStatus`, or one that cannot be stored.',
} as const;

/** Makes the failed end of a run. */
export function failed(
  type: keyof typeof RUN_FAILURES,
  message: string,
  details: readonly JsonValue[] = [],
): RunEnd {
  return { kind: 'failed', failure: { type, message, details, retryable: false } };
}
