import { create } from '@bufbuild/protobuf';
import { type AgentExecutionStatus, MessageType } from '@token-handshake/proto/agentexecution';
import { type Failure, FailureSchema } from '@token-handshake/proto/tokenhandshake';
import type { HandshakeFailureType } from '../../failure-types.ts';

/** The failure type of a run that does not give one. */
export const AGENT_EXECUTION_FAILED = 'AgentExecutionFailed' satisfies HandshakeFailureType;

const UNKNOWN_REASON = 'The agent execution failed and gave no reason.';

/**
 * Why a failed execution failed. Runners may give a failure in full, only an `error`, or nothing but a last system
 * message: the first of these that says something counts.
 */
export function failureReason(status: AgentExecutionStatus): Failure {
  const given = status.failure;
  const message =
    [given?.message, status.error, lastSystemMessage(status)].find((text) => text?.trim()) ?? UNKNOWN_REASON;
  return create(FailureSchema, {
    type: given?.type || AGENT_EXECUTION_FAILED,
    message,
    details: given?.details ?? [],
    retryable: given?.retryable ?? false,
  });
}

function lastSystemMessage(status: AgentExecutionStatus): string | undefined {
  return status.messages.findLast(
    ({ type, content }) => type === MessageType.MESSAGE_SYSTEM && content.trim(),
  )?.content;
}
