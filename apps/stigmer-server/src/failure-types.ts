/**
 * The types of the failures that this server itself gives to a run and to its workflows, beside those of the
 * handshake. The table is the source of the documentation; a type never changes its meaning. It is pure: workflows
 * may import it.
 */
export const FAILURE_TYPES = {
  AgentCommandFailed: 'The program ended with an exit code other than 0, or by a signal.',
  AgentCommandNotStarted:
    'The program cannot be started: it or its folder is missing, or it is not executable.',
  AgentCommandTimedOut: 'The program did not end within the time that its definition gives it.',
  AgentOutputTooLarge: 'The answer is larger than the embedded runner takes.',
  AgentNotRunnable:
    'The agent is not known any more, names no runtime, or runs a program that the API may not define.',
  RunnerAnswerInvalid: 'The answer of the runner is no `AgentExecutionStatus`, or one that cannot be stored.',
  ResultTooLarge: 'The result of the runner is larger than Temporal takes.',
  RunTimedOut: 'The run took longer than it may (`RUNNER_RUN_TIMEOUT`).',
  RunnerLost: 'The runner named no thread in time, or sent no heartbeat any more: it died, or was cut off.',
  RunnerStopped: 'The embedded runner was stopped with its process while the agent ran.',
  RunnerFailed: 'An attempt ended in a way for which Temporal gives no type; the message tells more.',
  ExecutionMissing: 'The workflow belongs to an execution that is not in this server’s database.',
} as const;

/** A key of {@link FAILURE_TYPES}. */
export type FailureType = keyof typeof FAILURE_TYPES;
