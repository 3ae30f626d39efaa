import type { AgentExecutionStatus } from '@token-handshake/proto/agentexecution';

/** Every tool call of a run, those inside of messages too, oldest first. */
export function toolCallsOf(status: AgentExecutionStatus): AgentExecutionStatus['toolCalls'] {
  return [...status.toolCalls, ...status.messages.flatMap((message) => message.toolCalls)];
}
