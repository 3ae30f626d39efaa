import { clone } from '@bufbuild/protobuf';
import { makeEncodable } from '@token-handshake/core';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { isFinalPhase } from './phase.ts';

/**
 * Merges what a runner reports into what is known: what it sets replaces what was there, what it leaves out changes
 * nothing. Runners send lists whole, so a list replaces the former one. What the server fills in itself is not taken
 * from a report. Numbers that JSON has not become `null`, or the status could not be shown.
 */
export function mergedStatus(
  known: AgentExecutionStatus,
  reported: AgentExecutionStatus,
): AgentExecutionStatus {
  const merged = clone(AgentExecutionStatusSchema, known);
  const { messages, toolCalls, subAgentExecutions, todos, phase, error, startedAt, completedAt, output } =
    clone(AgentExecutionStatusSchema, reported);
  if (messages.length > 0) merged.messages = messages;
  if (toolCalls.length > 0) merged.toolCalls = toolCalls;
  if (subAgentExecutions.length > 0) merged.subAgentExecutions = subAgentExecutions;
  if (Object.keys(todos).length > 0) merged.todos = todos;
  if (phase !== ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED) merged.phase = phase;
  if (error !== '') merged.error = error;
  if (startedAt !== '') merged.startedAt = startedAt;
  if (completedAt !== '') merged.completedAt = completedAt;
  if (output !== '') merged.output = output;
  makeEncodable({ status: merged });
  return merged;
}

/**
 * A report while the run goes on. A phase that is an end is shown as in progress: the run has ended only when the
 * runner's activity has, since it may try again.
 */
export function progressOf(
  known: AgentExecutionStatus,
  reported: AgentExecutionStatus,
): AgentExecutionStatus {
  const merged = mergedStatus(known, reported);
  if (isFinalPhase(merged.phase)) {
    merged.phase = ExecutionPhase.EXECUTION_IN_PROGRESS;
    merged.completedAt = '';
  }
  return merged;
}
