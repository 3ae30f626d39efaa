import { ApplicationFailure } from '@temporalio/common';
import type { StigmerContext } from '../context.ts';
import type { FailureType } from '../failure-types.ts';
import { whileAlive } from '../runner/while-alive.ts';
import type { ToolRequest } from '../workflows/conversation-types.ts';
import { callsOf } from './planned-step.ts';
import { roleOf } from './role.ts';
import { storeOutput } from './store-output.ts';
import { toolsOf } from './tool-set.ts';

/** What a model is told of a tool's answer at most, in characters. */
const MAX_ANSWER = 100_000;

/** See `ModelActivities.CallTool`. */
export function callTool(context: StigmerContext) {
  return (request: ToolRequest): Promise<void> =>
    whileAlive(async (activity) => {
      const { conversation, executionId, step, callId } = request;
      const { conversations } = context.storage;
      const turns = (await conversations.read(conversation, executionId)).filter(
        (turn) => turn.executionId === executionId && turn.step === step,
      );
      if (turns.some(({ content }) => content.kind === 'tool' && content.callId === callId)) return;
      const said = turns.find(({ content }) => content.kind === 'model')?.content;
      const call =
        said?.kind === 'model' ? callsOf(said).find(({ toolCallId }) => toolCallId === callId) : undefined;
      if (call === undefined) {
        throw ApplicationFailure.nonRetryable(
          `expected the call "${callId}" of execution "${executionId}" in the database`,
          'ExecutionMissing' satisfies FailureType,
        );
      }
      const role = await roleOf(context, request);
      const scope = {
        executionId,
        environment: role.environment,
        ...(role.folder !== undefined && { folder: role.folder }),
      };
      const startedAt = context.clock.now();
      const line = `calls ${call.toolName}`;
      context.progress.say(executionId, line);
      const meant = (await toolsOf(role, context.toolServers, scope)).named.get(call.toolName);
      const answer =
        meant?.kind === 'tool'
          ? await (await context.toolServers.use(meant.server.definition, scope)).call(
              meant.tool,
              call.input as Record<string, unknown>,
              activity.cancellationSignal,
            )
          : { text: `there is no tool "${call.toolName}" any more`, failed: true };
      activity.cancellationSignal.throwIfAborted();
      const output = { ...answer, text: shortened(answer.text) };
      context.metrics.stigmer_tool_calls_total.inc({ result: answer.failed ? 'failed' : 'completed' });
      await storeOutput(context, activity, request, { output, startedAt });
    });
}

function shortened(text: string): string {
  if (text.length <= MAX_ANSWER) return text;
  const left = text.length - MAX_ANSWER;
  return `${text.slice(0, MAX_ANSWER).toWellFormed()}\n[${left} characters were left out]`;
}
