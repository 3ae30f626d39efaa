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
  ModelRateLimited:
    'The model’s provider takes no more requests at present. It is asked again when it says so.',
  ModelUnavailable:
    'The model’s provider cannot be reached, has a failure, or broke its answer off. It is asked again.',
  ModelAccessDenied: 'The model’s provider does not accept the key.',
  ModelRequestRejected: 'The model’s provider does not take the request; the message says why.',
  ModelContextExceeded: 'The conversation is longer than the model takes: begin a new session, or say less.',
  ModelAnswerIncomplete:
    'The model’s last answer is empty, was withheld, or ended at its limit of tokens (`maxOutputTokens`).',
  ModelStepsExhausted: 'The model was asked as often as its definition allows (`maxSteps`) and is not done.',
  ToolServerUnavailable:
    'An MCP server of the agent cannot be started or reached, or went away. It is tried again.',
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
