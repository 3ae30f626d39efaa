import { create } from '@bufbuild/protobuf';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { ANSWER } from '../../shapes/names.ts';

/** The agent of Stigmer, as any worker on the runner's queue may execute it. */
export const runnerActivities = {
  EnsureThread: async (): Promise<string> => 'thread',
  ExecuteGraphton: async (): Promise<AgentExecutionStatus> =>
    create(AgentExecutionStatusSchema, {
      phase: ExecutionPhase.EXECUTION_COMPLETED,
      messages: [{ type: MessageType.MESSAGE_AI, content: ANSWER }],
    }),
};
