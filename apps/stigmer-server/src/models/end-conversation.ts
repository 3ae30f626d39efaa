import { create } from '@bufbuild/protobuf';
import { executionId as toExecutionId } from '@token-handshake/core';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { endExecution } from '../executions/end-execution.ts';
import type { EndOfTask, Speaker } from '../workflows/conversation-types.ts';
import type { Turn } from './conversation-store.ts';
import { keepSafe } from './keep-safe.ts';
import { reportConversation, showTurns } from './report-conversation.ts';
import { stoppable } from './stoppable.ts';
import { textOf, usageOf } from './transcript.ts';

/** See `ModelActivities.EndConversation`. */
export function endConversation(context: StigmerContext) {
  return ({ executionId }: Speaker): Promise<AgentExecutionStatus> =>
    stoppable(async (activity) => {
      const { conversations } = context.storage;
      const turns = await conversations.ofExecution(executionId);
      const whole = create(AgentExecutionStatusSchema, {
        phase: ExecutionPhase.EXECUTION_COMPLETED,
        completedAt: new Date(context.clock.now()).toISOString(),
      });
      showTurns(whole, turns);
      const { inputTokens, outputTokens, answers } = usageOf(turns);
      const last = whole.messages.at(-1);
      if (last !== undefined) {
        last.metadata = {
          ...last.metadata,
          total: { input_tokens: inputTokens, output_tokens: outputTokens, answers },
        };
      }
      const ended = await keepSafe(context, activity, executionId, () =>
        endExecution(context, toExecutionId(executionId), { kind: 'returned', status: whole }),
      );
      if (ended) context.earlyDeliveries.begin(ended, toExecutionId(executionId));
      await context.toolServers.leave(executionId);
      return create(AgentExecutionStatusSchema, { phase: whole.phase, completedAt: whole.completedAt });
    });
}

/** See `ModelActivities.EndTask`. */
export function endTask(context: StigmerContext) {
  return ({ conversation, executionId, answers }: EndOfTask): Promise<void> =>
    stoppable(async (activity) => {
      const { conversations } = context.storage;
      const turns = await conversations.read(conversation, executionId);
      const output = { text: lastWords(turns), failed: false };
      const at = context.clock.now();
      const startedAt = turns[0]?.at ?? at;
      const { callId, step } = answers;
      const turn: Turn = {
        conversation: answers.conversation,
        executionId,
        step,
        content: { kind: 'tool', callId, output, startedAt },
        at,
      };
      await keepSafe(context, activity, executionId, () => conversations.add([turn]));
      await reportConversation(context, executionId);
    });
}

function lastWords(turns: readonly Turn[]): string {
  const content = turns.findLast((turn) => turn.content.kind === 'model')?.content;
  return content?.kind === 'model' ? textOf(content) : '';
}
