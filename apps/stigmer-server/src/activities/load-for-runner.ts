import { ApplicationFailure } from '@temporalio/common';
import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { runnerCopy } from '../executions/runner-copy.ts';
import type { FailureType } from '../failure-types.ts';

/** See `StoreActivities.loadForRunner`. */
export function loadForRunner({ storage }: StigmerContext) {
  return async (id: string): Promise<AgentExecution | null> => {
    const stored = await storage.executions.find(executionId(id));
    if (stored === undefined) throw executionMissing(id);
    const call = await storage.ledger.find(executionId(id));
    if (stored.finalAt !== undefined || call?.cancelCause !== undefined) return null;
    return runnerCopy(stored.execution, await storage.executions.secrets(executionId(id)));
  };
}

/** The workflow cannot go on: its execution is not in this server's database. */
export function executionMissing(id: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `expected execution "${id}" in the database, and it is not there: the workflow belongs to another database`,
    'ExecutionMissing' satisfies FailureType,
  );
}
