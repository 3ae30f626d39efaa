import type { Context } from '@temporalio/activity';
import type { StigmerContext } from '../context.ts';
import type { ToolRequest } from '../workflows/conversation-types.ts';
import type { ToolOutput, Turn } from './conversation-store.ts';
import { keepSafe } from './keep-safe.ts';
import { reportConversation } from './report-conversation.ts';

/** Stores what a call gave, and shows it. */
export async function storeOutput(
  context: StigmerContext,
  activity: Context,
  { conversation, executionId, step, callId }: ToolRequest,
  given: { readonly output: ToolOutput; readonly startedAt: number },
): Promise<void> {
  const turn: Turn = {
    conversation,
    executionId,
    step,
    content: { kind: 'tool', callId, ...given },
    at: context.clock.now(),
  };
  await keepSafe(context, activity, executionId, () => context.storage.conversations.add([turn]));
  await reportConversation(context, executionId);
}
