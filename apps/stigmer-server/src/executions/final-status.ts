import { clone, create, fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { makeEncodable, makeExplicit, type OutcomeFailure } from '@token-handshake/core';
import type { CancelCause } from '@token-handshake/core/callee';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  CancellationSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { type Failure, FailureSchema } from '@token-handshake/proto/tokenhandshake';
import { changedAudit } from '../audit.ts';
import { mergedStatus } from './merge-status.ts';
import { lastingMessages } from './passing-message.ts';
import { isFinalPhase } from './phase.ts';

/** How an execution ends. */
export type ExecutionEnd =
  | {
      readonly kind: 'returned';
      readonly status: AgentExecutionStatus;
      /** Whether it replaces what was reported before. Default: it is merged with that. */
      readonly whole?: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: OutcomeFailure }
  | { readonly kind: 'cancelled'; readonly message?: string };

/** What goes into every final. */
export interface FinalFacts {
  readonly now: number;
  /** Who asked for a cancel, if somebody did. */
  readonly cancelCause?: CancelCause;
}

/** The final status of an execution, from what is known of it and how it ended. */
export function finalStatus(
  known: AgentExecutionStatus,
  end: ExecutionEnd,
  { now, cancelCause }: FinalFacts,
): AgentExecutionStatus {
  const status = ended(known, end, cancelCause);
  status.messages = lastingMessages(status.messages);
  makeEncodable({ status });
  status.completedAt ||= new Date(now).toISOString();
  status.audit = changedAudit(known.audit, now, 'status');
  delete status.callback;
  delete status.truncated;
  return status;
}

function ended(
  known: AgentExecutionStatus,
  end: ExecutionEnd,
  cancelCause: CancelCause | undefined,
): AgentExecutionStatus {
  switch (end.kind) {
    case 'returned':
      return returned(end.whole ? withoutReports(known) : known, end.status, cancelCause);
    case 'failed':
      return failed(clone(AgentExecutionStatusSchema, known), end.failure);
    case 'cancelled':
      return cancelled(clone(AgentExecutionStatusSchema, known), cancelCause, end.message);
  }
}

/** What is known without a run's reports: another attempt may have made them. */
function withoutReports(known: AgentExecutionStatus): AgentExecutionStatus {
  return Object.assign(clone(AgentExecutionStatusSchema, known), {
    messages: [],
    toolCalls: [],
    subAgentExecutions: [],
    todos: {},
    output: '',
  });
}

/** A runner that returns without saying how it ended has completed. */
function returned(
  known: AgentExecutionStatus,
  answer: AgentExecutionStatus,
  cancelCause: CancelCause | undefined,
): AgentExecutionStatus {
  const status = mergedStatus(known, answer);
  if (!isFinalPhase(status.phase)) status.phase = ExecutionPhase.EXECUTION_COMPLETED;
  // Why an earlier attempt failed is not why this one did.
  if (answer.failure === undefined) delete status.failure;
  makeExplicit(status);
  switch (status.phase) {
    case ExecutionPhase.EXECUTION_FAILED:
      status.error ||= status.failure?.message ?? '';
      return status;
    case ExecutionPhase.EXECUTION_CANCELLED:
      return cancelled(
        status,
        cancelCause,
        cancelCause ? undefined : 'the runner ended the run as cancelled',
      );
    default:
      return completed(status);
  }
}

/** What an attempt before the good one left, and a cancel that came too late, is no part of how the run ended. */
function completed(status: AgentExecutionStatus): AgentExecutionStatus {
  status.error = '';
  delete status.failure;
  delete status.cancellation;
  return status;
}

function failed(status: AgentExecutionStatus, failure: OutcomeFailure): AgentExecutionStatus {
  status.phase = ExecutionPhase.EXECUTION_FAILED;
  status.error ||= failure.message;
  status.failure = create(FailureSchema, {
    type: failure.type,
    message: failure.message,
    details: failure.details.map((detail) => fromJson(ValueSchema, detail)),
    retryable: failure.retryable || toldRetryable(status.failure, failure.type),
  });
  return status;
}

/** An error of an activity cannot say this: the embedded runner says it in the status, before it raises. */
function toldRetryable(told: Failure | undefined, type: string): boolean {
  return told?.retryable === true && told.type === type;
}

/** What the one who asked for the cancel gave as a reason is what the caller reads. */
function cancelled(
  status: AgentExecutionStatus,
  cancelCause: CancelCause | undefined,
  message = '',
): AgentExecutionStatus {
  status.phase = ExecutionPhase.EXECUTION_CANCELLED;
  status.cancellation = create(CancellationSchema, {
    cause: cancelCause ?? 'operator',
    message: status.cancellation?.message || message,
  });
  return status;
}
