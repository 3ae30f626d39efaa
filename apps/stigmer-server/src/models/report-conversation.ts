import { executionId as toExecutionId } from '@token-handshake/core';
import {
  type AgentExecutionStatus,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { messageOf } from '../runner/run-progress.ts';
import type { Turn } from './conversation-store.ts';
import { statusMessages, statusTasks, statusToolCalls } from './transcript.ts';

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'feed' | 'logger'>;

/** Shows what was said so far; `saying` is what is being said. What cannot be written is logged: it ends no run. */
export async function reportConversation(
  { storage, clock, feed, logger }: Parts,
  executionId: string,
  saying = '',
): Promise<void> {
  const id = toExecutionId(executionId);
  try {
    const turns = await storage.conversations.ofExecution(executionId);
    const now = clock.now();
    await storage.executions.changeStatus(
      id,
      (status) => {
        showTurns(status, turns);
        if (saying !== '') status.messages.push(messageOf(MessageType.MESSAGE_AI, saying, new Date(now)));
        status.phase = ExecutionPhase.EXECUTION_IN_PROGRESS;
        status.startedAt ||= new Date(now).toISOString();
        status.error = '';
        delete status.failure;
        return status;
      },
      now,
    );
    feed.changed(executionId);
  } catch (error) {
    logger.warn({ executionId, err: error }, 'the progress of a run could not be stored');
  }
}

/** Writes what was said in an execution into its status. */
export function showTurns(
  status: Pick<AgentExecutionStatus, 'messages' | 'toolCalls' | 'subAgentExecutions'>,
  turns: readonly Turn[],
): void {
  const own = turns.filter(({ conversation, executionId }) => !conversation.startsWith(`${executionId}/`));
  status.messages = statusMessages(own);
  status.toolCalls = statusToolCalls(own);
  status.subAgentExecutions = statusTasks(own);
}
