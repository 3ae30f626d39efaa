import {
  type AgentExecutionStatus,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { failureReason } from './failure-reason.ts';

/**
 * Says in its own field what a runner only implies, so that it stays when messages are trimmed: the reason of a
 * failure, the answer of a completed run. Changes its argument.
 */
export function makeExplicit(status: AgentExecutionStatus): void {
  if (status.phase === ExecutionPhase.EXECUTION_FAILED) {
    status.failure = failureReason(status);
  }
  if (status.phase === ExecutionPhase.EXECUTION_COMPLETED && status.output === '') {
    status.output =
      status.messages.findLast(
        ({ type, content }) => type === MessageType.MESSAGE_AI && content.trim() !== '',
      )?.content ?? '';
  }
}
