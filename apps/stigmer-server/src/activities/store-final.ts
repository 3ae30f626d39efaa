import { type ExecutionId, executionId, type OutcomeFailure, outcomeOf } from '@token-handshake/core';
import type { AgentExecution, AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { type EndedExecution, endExecution } from '../executions/end-execution.ts';
import type { ExecutionEnd } from '../executions/final-status.ts';
import type { FailureType } from '../failure-types.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import type { RunEnd, StoredEnd } from '../workflows/run-end.ts';
import { executionMissing } from './load-for-runner.ts';

/** Details beyond this stay out of the workflow's history; the execution has them. */
const MAX_DETAILS_BYTES = 32 * 1024;

/**
 * See `StoreActivities.storeFinal`. It is repeated until it succeeds, so only what passes may throw: an end that
 * cannot be stored is a failure of its run, which can.
 */
export function storeFinal(context: StigmerContext) {
  return async (id: string, end: RunEnd, status?: AgentExecutionStatus): Promise<StoredEnd> => {
    context.finalReminders.heard(executionId(id));
    const stored = await store(context, executionId(id), end, status);
    if (stored === undefined) throw executionMissing(id);
    const delivery = await context.earlyDeliveries.take(executionId(id));
    return { ...storedEnd(stored.execution.execution), ...(delivery && { delivery }) };
  };
}

async function store(
  context: StigmerContext,
  id: ExecutionId,
  end: RunEnd,
  status: AgentExecutionStatus | undefined,
): Promise<EndedExecution | undefined> {
  try {
    return await endExecution(context, id, executionEnd(end, status));
  } catch (error) {
    if (storageFailure(error) !== undefined) throw error;
    context.logger.error({ executionId: id, err: error }, 'the end of a run cannot be stored as it is');
    return endExecution(context, id, { kind: 'failed', failure: insteadOf(end, error) });
  }
}

/** A failure keeps its name and its words; its details may be what cannot be stored. */
function insteadOf(end: RunEnd, error: unknown): OutcomeFailure {
  if (end.kind === 'failed') return { ...end.failure, details: [] };
  const reason = error instanceof Error ? error.message : String(error);
  return {
    type: 'RunnerAnswerInvalid' satisfies FailureType,
    message: `the answer of the runner cannot be stored: ${reason}`,
    details: [],
    retryable: false,
  };
}

/** A run that did not take place, with no final stored, was cancelled before it began. */
function executionEnd(end: RunEnd, status: AgentExecutionStatus | undefined): ExecutionEnd {
  switch (end.kind) {
    case 'returned':
      if (status) return { kind: 'returned', status };
      throw new TypeError('expected the status that the runner returned, got none');
    case 'stored':
      return { kind: 'cancelled' };
    case 'failed':
    case 'cancelled':
      return end;
  }
}

function storedEnd(execution: AgentExecution): StoredEnd {
  const outcome = outcomeOf(execution);
  if (outcome === undefined) throw new Error('expected a final after storing one');
  if ('completed' in outcome) return { kind: 'completed' };
  if ('cancelled' in outcome) return { kind: 'cancelled' };
  const { failed } = outcome;
  const small = Buffer.byteLength(JSON.stringify(failed.details)) <= MAX_DETAILS_BYTES;
  return { kind: 'failed', failure: small ? failed : { ...failed, details: [] } };
}
