import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { ExecutionId } from '../ids.ts';
import type { FinalStoredPorts, SweepPorts, WorkflowState } from './sweep.ts';
import type { TargetWatchPorts } from './target-watch.ts';
import { within } from './temporal/within.ts';

/** Which workflows a callee's executions have. */
export interface TemporalWorkflowsOptions {
  /** Gives a client of the callee's own Temporal, or `undefined` while there is no connection yet. */
  readonly client: () => Client | undefined;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** The workflow's arguments, read from what the `create` stored. */
  readonly args: (executionId: ExecutionId) => unknown[] | Promise<unknown[]>;
  /** How long one question to Temporal may take, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 2_000;

/**
 * The callee's workflows for `createCallee`, where each execution has one workflow, with the execution's id. Starting
 * is idempotent: a workflow that runs, or ran and is closed, is left alone.
 */
export function temporalWorkflows(
  options: TemporalWorkflowsOptions,
): Required<SweepPorts> & FinalStoredPorts & TargetWatchPorts {
  const { workflowType, taskQueue, args, timeoutMs = TIMEOUT_MS } = options;
  const ask = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = options.client();
    if (!client) throw new Error('There is no connection to Temporal yet.');
    return within(client, timeoutMs, () => work(client));
  };
  const handleOf = (client: Client, executionId: ExecutionId): WorkflowHandle =>
    client.workflow.getHandle(executionId);
  return {
    async start(executionId) {
      const given = await args(executionId);
      try {
        await ask((client) =>
          client.workflow.start(workflowType, {
            workflowId: executionId,
            taskQueue,
            args: given,
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
          }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    async workflowState(executionId): Promise<WorkflowState> {
      try {
        const { status } = await ask((client) => handleOf(client, executionId).describe());
        return status.name === 'RUNNING' ? 'running' : 'closed';
      } catch (error) {
        return error instanceof WorkflowNotFoundError ? 'not_found' : 'unknown';
      }
    },
    async cancel(executionId) {
      try {
        await ask((client) => handleOf(client, executionId).cancel());
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    signalRebound: (executionId, generation) =>
      ask((client) => handleOf(client, executionId).signal('rebound', generation)),
    signalFinalStored: (executionId) => ask((client) => handleOf(client, executionId).signal('finalStored')),
    async signalTargetUp(executionId) {
      try {
        await ask((client) => handleOf(client, executionId).signal('targetUp'));
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}
