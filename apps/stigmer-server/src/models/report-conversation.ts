import { executionId as toExecutionId } from '@token-handshake/core';
import { type AgentExecutionStatus, MessageType } from '@token-handshake/proto/agentexecution';
import { passingMessage } from '../executions/passing-message.ts';
import { type ReportParts, report, showStart } from '../runner/report-run.ts';
import type { Turn } from './conversation-store.ts';
import { statusMessages, statusTasks, statusToolCalls } from './transcript.ts';

/** What is shown beside what was said, until the next report. */
export interface Passing {
  /** What the model is saying. */
  readonly saying?: string;
  /** What holds it up. */
  readonly trouble?: string;
}

/** Shows what was said so far. What cannot be written is logged: it ends no run. */
export function reportConversation(
  context: ReportParts,
  executionId: string,
  passing: Passing = {},
): Promise<void> {
  return report(context, toExecutionId(executionId), changeOf(context, executionId, passing));
}

async function changeOf(
  { storage, clock }: ReportParts,
  executionId: string,
  { saying = '', trouble = '' }: Passing,
) {
  const turns = await storage.conversations.ofExecution(executionId);
  const now = new Date(clock.now());
  return (status: AgentExecutionStatus) => {
    showStart(status, now);
    showTurns(status, turns);
    if (saying !== '') status.messages.push(passingMessage(MessageType.MESSAGE_AI, saying, now));
    if (trouble !== '') status.messages.push(passingMessage(MessageType.MESSAGE_SYSTEM, trouble, now));
  };
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
