import { toJsonValue } from '@token-handshake/proto';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { JsonObject } from '../../json.ts';
import type { Outcome } from '../../outcome.ts';
import { failureReason } from './failure-reason.ts';
import { plainValue } from './plain-json.ts';
import { project } from './project.ts';

/**
 * How a call ended, from its execution: the one place that decides success, failure or cancellation, so that an
 * outcome taken from the answer to `create` is byte for byte the one delivered by token:
 * `outcomeOf(x)` equals `outcomeOf(project(x))`.
 *
 * - completed: the execution itself, in proto3 JSON mapping, as {@link project} makes it.
 * - failed: type, message and details of its failure; never retryable.
 * - cancelled: who asked for it, in `cause`, and a message if there is one.
 *
 * @returns `undefined` while the execution is not final
 */
export function outcomeOf(execution: AgentExecution): Outcome | undefined {
  if (!isFinal(execution.status?.phase)) return undefined;
  const projected = project(execution);
  const { status } = projected;
  switch (status?.phase) {
    case ExecutionPhase.EXECUTION_COMPLETED:
      return { completed: toJsonValue(AgentExecutionSchema, projected) };
    case ExecutionPhase.EXECUTION_FAILED: {
      const { type, message, details } = failureReason(status);
      // A stored final is the end of its call: a caller that tried again would get this very answer again, each time.
      // `status.failure.retryable` stays to be read: it says whether the callee's own loop might have repeated the run.
      return { failed: { type, message, details: details.map(plainValue), retryable: false } };
    }
    case ExecutionPhase.EXECUTION_CANCELLED:
      return { cancelled: cancellationDetails(status) };
    default:
      return undefined;
  }
}

function isFinal(phase: ExecutionPhase | undefined): boolean {
  return (
    phase === ExecutionPhase.EXECUTION_COMPLETED ||
    phase === ExecutionPhase.EXECUTION_FAILED ||
    phase === ExecutionPhase.EXECUTION_CANCELLED
  );
}

function cancellationDetails({ cancellation }: AgentExecutionStatus): JsonObject {
  const cause = cancellation?.cause || 'unknown';
  return cancellation?.message ? { cause, message: cancellation.message } : { cause };
}
