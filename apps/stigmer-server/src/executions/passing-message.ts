import { create } from '@bufbuild/protobuf';
import {
  type AgentMessage,
  AgentMessageSchema,
  type MessageType,
} from '@token-handshake/proto/agentexecution';

/** A message that is true for the moment only: it is no part of how an execution ends. */
export function passingMessage(type: MessageType, content: string, now: Date): AgentMessage {
  return create(AgentMessageSchema, {
    type,
    content,
    timestamp: now.toISOString(),
    metadata: { passing: true },
  });
}

/** Messages without those that were true for the moment. */
export function lastingMessages(messages: readonly AgentMessage[]): AgentMessage[] {
  return messages.filter(({ metadata }) => metadata?.['passing'] !== true);
}
