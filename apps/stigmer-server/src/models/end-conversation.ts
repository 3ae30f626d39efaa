import { create } from '@bufbuild/protobuf';
import { executionId as toExecutionId } from '@token-handshake/core';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { storeAnswer } from '../runner/store-answer.ts';
import { whileAlive } from '../runner/while-alive.ts';
import type { EndOfTask, Speaker } from '../workflows/conversation-types.ts';
import type { Turn } from './conversation-store.ts';
import { showTurns } from './report-conversation.ts';
import { storeOutput } from './store-output.ts';
import { textOf, usageOf } from './transcript.ts';

/** See `ModelActivities.EndConversation`. */
export function endConversation(context: StigmerContext) {
  return ({ executionId }: Speaker): Promise<AgentExecutionStatus> =>
    whileAlive(async (activity) => {
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
      await context.toolServers.leave(executionId);
      return storeAnswer(context, activity, toExecutionId(executionId), whole);
    });
}

/** See `ModelActivities.EndTask`. */
export function endTask(context: StigmerContext) {
  return ({ conversation, executionId, answers }: EndOfTask): Promise<void> =>
    whileAlive(async (activity) => {
      const { conversations } = context.storage;
      const turns = await conversations.read(conversation, executionId);
      const output = { text: lastWords(turns), failed: false };
      const startedAt = turns[0]?.at ?? context.clock.now();
      await storeOutput(context, activity, answers, { output, startedAt });
    });
}

function lastWords(turns: readonly Turn[]): string {
  const content = turns.findLast((turn) => turn.content.kind === 'model')?.content;
  return content?.kind === 'model' ? textOf(content) : '';
}
