import { ApplicationFailure } from '@temporalio/common';
import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { copyForRunner } from '../executions/copy-for-runner.ts';
import type { FailureType } from '../failure-types.ts';

/** See `StoreActivities.loadForRunner`. */
export function loadForRunner({ storage, config }: Pick<StigmerContext, 'storage' | 'config'>) {
  return async (id: string, secretsByReference: boolean): Promise<AgentExecution | null> => {
    const given = await copyForRunner(storage, executionId(id), config, secretsByReference);
    if (given === undefined) throw executionMissing(id);
    return given === null ? null : given.copy;
  };
}

/** The workflow cannot go on: its execution is not in this server's database. */
export function executionMissing(id: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `expected execution "${id}" in the database, and it is not there: the workflow belongs to another database`,
    'ExecutionMissing' satisfies FailureType,
  );
}
