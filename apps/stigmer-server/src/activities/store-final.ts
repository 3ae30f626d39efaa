import { executionId, outcomeOf } from '@token-handshake/core';
import type { AgentExecution, AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { endExecution } from '../executions/end-execution.ts';
import type { ExecutionEnd } from '../executions/final-status.ts';
import type { RunEnd, StoredEnd } from '../workflows/run-end.ts';
import { executionMissing } from './load-for-runner.ts';

/** Details beyond this stay out of the workflow's history; the execution has them. */
const MAX_DETAILS_BYTES = 32 * 1024;

/** See `StoreActivities.storeFinal`. */
export function storeFinal(context: StigmerContext) {
  return async (id: string, end: RunEnd, status?: AgentExecutionStatus): Promise<StoredEnd> => {
    const stored = await endExecution(context, executionId(id), executionEnd(end, status));
    if (stored === undefined) throw executionMissing(id);
    return storedEnd(stored.execution);
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
