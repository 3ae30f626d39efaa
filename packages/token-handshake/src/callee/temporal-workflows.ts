import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { WorkflowState } from '../decision/workflow-state.ts';
import type { ExecutionId } from '../ids.ts';
import type { FinalStoredPorts, SweepPorts } from './sweep/ports.ts';
import type { TargetWatchPorts } from './target-watch.ts';
import { createRetention } from './temporal/retention.ts';
import { within } from './temporal/within.ts';
import { workflowStateOf } from './temporal/workflow-state-of.ts';

/** Which workflows a callee's executions have. */
export interface TemporalWorkflowsOptions {
  /** Gives a client of the callee's own Temporal, or `undefined` while there is no connection yet. */
  readonly client: () => Client | undefined;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** The workflow's arguments, read from what the `create` stored. */
  readonly args: (executionId: ExecutionId) => unknown[] | Promise<unknown[]>;
  /**
   * Takes the workflow's first task along with the answer to its start, where a Worker of this process can: the client
   * must be built on that Worker's connection. Default: `false`.
   */
  readonly requestEagerStart?: boolean;
  /** Told of each start that worked. Default: nobody. */
  readonly onStarted?: (executionId: ExecutionId, result: StartResult) => void;
  /** How long one question to Temporal may take, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
}

/** `eager`: its first task came with the answer; `known`: it runs, or ran, already. */
export type StartResult = 'started' | 'eager' | 'known';

const TIMEOUT_MS = 2_000;

/**
 * The callee's workflows for `createCallee`, where each execution has one workflow, with the execution's id. Starting
 * is idempotent: a workflow that runs, or ran and is closed, is left alone.
 */
export function temporalWorkflows(
  options: TemporalWorkflowsOptions,
): Required<SweepPorts> & FinalStoredPorts & TargetWatchPorts {
  const { timeoutMs = TIMEOUT_MS, onStarted } = options;
  const ask = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = options.client();
    if (!client) throw new Error('There is no connection to Temporal yet.');
    return within(client, timeoutMs, () => work(client));
  };
  const handleOf = (client: Client, executionId: ExecutionId): WorkflowHandle =>
    client.workflow.getHandle(executionId);
  return {
    async start(executionId) {
      const args = await options.args(executionId);
      const result = await ask((client) => start(client, executionId, args, options));
      onStarted?.(executionId, result);
    },
    async workflowState(executionId): Promise<WorkflowState> {
      try {
        const { status } = await ask((client) => handleOf(client, executionId).describe());
        return workflowStateOf(status.name);
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
    retentionMs: createRetention(ask),
    async exists(executionId) {
      try {
        // Generation 0 is older than any: a workflow that runs goes on as before.
        await ask((client) => handleOf(client, executionId).signal('rebound', 0));
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

async function start(
  client: Client,
  workflowId: ExecutionId,
  args: unknown[],
  { workflowType, taskQueue, requestEagerStart = false }: TemporalWorkflowsOptions,
): Promise<StartResult> {
  try {
    const handle = await client.workflow.start(workflowType, {
      workflowId,
      taskQueue,
      args,
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      requestEagerStart,
    });
    return handle.eagerlyStarted ? 'eager' : 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'known';
    throw error;
  }
}
