import { create } from '@bufbuild/protobuf';
import { createClient, type Transport } from '@connectrpc/connect';
import {
  type AgentExecution,
  AgentExecutionCommandController,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { ANSWER } from '../../shapes/names.ts';

const RPC_TIMEOUT_MS = 10_000;

/**
 * The agent of Stigmer, as any worker on the runner's queue may execute it that ends good runs by `updateStatus`: the
 * answer goes with that, and what it returns has no bodies.
 */
export function runnerActivities(transport: Transport) {
  const commands = createClient(AgentExecutionCommandController, transport);
  return {
    async ExecuteGraphton(
      { metadata }: AgentExecution,
      _threadId: string,
      runToken: string,
    ): Promise<AgentExecutionStatus> {
      const phase = ExecutionPhase.EXECUTION_COMPLETED;
      const status = { phase, messages: [{ type: MessageType.MESSAGE_AI, content: ANSWER }] };
      await commands.updateStatus(
        { executionId: metadata?.id ?? '', status, runToken },
        { timeoutMs: RPC_TIMEOUT_MS },
      );
      return create(AgentExecutionStatusSchema, { phase });
    },
  };
}
