import { create } from '@bufbuild/protobuf';
import {
  type AgentMessage,
  AgentMessageSchema,
  MessageType,
  type SubAgentExecution,
  SubAgentExecutionSchema,
  SubAgentStatus,
  type ToolCall,
  ToolCallSchema,
  ToolCallStatus,
} from '@token-handshake/proto/agentexecution';
import type { ModelMessage } from 'ai';
import type { ToolOutput, Turn, TurnContent } from './conversation-store.ts';
import { callsOf, plannedCalls } from './planned-step.ts';

type Said = Extract<TurnContent, { kind: 'model' }>;

/** What people are shown of a tool's answer, in characters; the model gets more of it. */
const MAX_SHOWN = 4_000;

function shown(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).toWellFormed()} …`;
}

/** The words of an answer. */
export function textOf({ parts }: Said): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What a model is given of what was said. */
export function modelMessages(turns: readonly Turn[]): ModelMessage[] {
  return turns.flatMap(({ content, ...key }): ModelMessage[] => {
    if (content.kind === 'asked') return [{ role: 'user', content: content.text }];
    if (content.kind === 'tool') return [];
    const calls = callsOf(content);
    const said: ModelMessage = { role: 'assistant', content: [...content.parts] };
    if (calls.length === 0) return [said];
    const results = calls.map(({ toolCallId, toolName }) => {
      const { text, failed } = outputOf(turns, key, toolCallId);
      return {
        type: 'tool-result' as const,
        toolCallId,
        toolName,
        output: { type: failed ? ('error-text' as const) : ('text' as const), value: text },
      };
    });
    return [said, { role: 'tool', content: results }];
  });
}

/** What people are shown of one conversation of an execution. */
export function statusMessages(turns: readonly Turn[]): AgentMessage[] {
  return turns.flatMap(({ content, at, ...key }): AgentMessage[] => {
    const timestamp = new Date(at).toISOString();
    if (content.kind === 'asked')
      return [
        create(AgentMessageSchema, { type: MessageType.MESSAGE_HUMAN, content: content.text, timestamp }),
      ];
    if (content.kind === 'tool')
      return [
        create(AgentMessageSchema, {
          type: MessageType.MESSAGE_TOOL,
          content: shown(content.output.text),
          timestamp,
        }),
      ];
    return [
      create(AgentMessageSchema, {
        type: MessageType.MESSAGE_AI,
        content: textOf(content),
        timestamp,
        toolCalls: toolCallsOf(turns, { ...key, content }),
        metadata: {
          model: content.model,
          finish_reason: content.finishReason,
          input_tokens: content.usage.inputTokens,
          output_tokens: content.usage.outputTokens,
        },
      }),
    ];
  });
}

/** The calls of an execution's conversation, in the order in which they were made. */
export function statusToolCalls(turns: readonly Turn[]): ToolCall[] {
  return turns.flatMap(({ content, ...key }) =>
    content.kind === 'model' ? toolCallsOf(turns, { ...key, content }) : [],
  );
}

/** The tasks that were given to sub-agents. */
export function statusTasks(turns: readonly Turn[]): SubAgentExecution[] {
  return turns.flatMap(({ content, conversation, executionId, step }) => {
    if (content.kind !== 'model') return [];
    return plannedCalls({ executionId, step }, content).flatMap(({ id, task }) => {
      if (task === undefined) return [];
      const result = resultOf(turns, { conversation, executionId, step }, id);
      const call = callsOf(content).find(({ toolCallId }) => toolCallId === id);
      const { task: input = '' } = (call?.input ?? {}) as { task?: string };
      return [
        create(SubAgentExecutionSchema, {
          id,
          name: task.subAgent,
          input,
          output: result?.output.text ?? '',
          status:
            result === undefined ? SubAgentStatus.SUB_AGENT_IN_PROGRESS : SubAgentStatus.SUB_AGENT_COMPLETED,
          startedAt: new Date(content.startedAt).toISOString(),
        }),
      ];
    });
  });
}

/** Tokens of all answers of an execution, its sub-agents' too. */
export function usageOf(turns: readonly Turn[]): {
  inputTokens: number;
  outputTokens: number;
  answers: number;
} {
  const sum = { inputTokens: 0, outputTokens: 0, answers: 0 };
  for (const { content } of turns) {
    if (content.kind !== 'model') continue;
    sum.inputTokens += content.usage.inputTokens;
    sum.outputTokens += content.usage.outputTokens;
    sum.answers += 1;
  }
  return sum;
}

type Key = Pick<Turn, 'conversation' | 'executionId' | 'step'>;

function toolCallsOf(turns: readonly Turn[], turn: Key & { readonly content: Said }): ToolCall[] {
  return callsOf(turn.content).map(({ toolCallId, toolName, input }) => {
    const refusal = turn.content.refusals[toolCallId];
    const result = resultOf(turns, turn, toolCallId);
    const failed = refusal !== undefined || result?.output.failed === true;
    const words = refusal ?? result?.output.text ?? '';
    return create(ToolCallSchema, {
      id: toolCallId,
      name: toolName,
      args: isObject(input) ? input : {},
      result: failed ? '' : shown(words),
      error: failed ? shown(words) : '',
      status: failed
        ? ToolCallStatus.TOOL_CALL_FAILED
        : result === undefined
          ? ToolCallStatus.TOOL_CALL_RUNNING
          : ToolCallStatus.TOOL_CALL_COMPLETED,
    });
  });
}

function resultOf(turns: readonly Turn[], key: Key, callId: string) {
  for (const { content, ...turn } of turns) {
    if (content.kind !== 'tool' || content.callId !== callId) continue;
    const same =
      turn.step === key.step &&
      turn.executionId === key.executionId &&
      turn.conversation === key.conversation;
    if (same) return content;
  }
  return undefined;
}

function outputOf(turns: readonly Turn[], key: Key, callId: string): ToolOutput {
  const said = turns.find(
    ({ content, ...turn }) =>
      content.kind === 'model' && turn.step === key.step && turn.executionId === key.executionId,
  )?.content;
  const refusal = said?.kind === 'model' ? said.refusals[callId] : undefined;
  if (refusal !== undefined) return { text: refusal, failed: true };
  return resultOf(turns, key, callId)?.output ?? { text: 'the call was not made', failed: true };
}

function isObject(value: unknown): value is Record<string, never> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
