import type { Clock, ExecutionId } from '@token-handshake/core';
import {
  type FinalStoredPorts,
  type Ledger,
  type StartResult,
  type SweepPorts,
  type TargetWatchPorts,
  temporalWorkflows,
} from '@token-handshake/core/callee';
import { failPoint, type TemporalConnector } from '@token-handshake/service-kit';
import type { AgentExecutionInput, RunnerLimits } from '../workflows/input.ts';
import { AGENT_EXECUTION_WORKFLOW, STIGMER_TASK_QUEUE } from '../workflows/names.ts';

/** How long one question to the server's own Temporal may take. An answer to a client waits no longer than this. */
const TRY_MS = 2_000;

/** What {@link createWorkflowPort} needs. */
export interface WorkflowPortOptions {
  readonly ledger: Ledger;
  readonly temporal: Pick<TemporalConnector, 'current'>;
  readonly runner: RunnerLimits;
  /** What else the workflow is told of the run. Default: nothing. */
  readonly runOf?: (executionId: ExecutionId) => Promise<Pick<AgentExecutionInput, 'threadId' | 'runToken'>>;
  readonly clock: Clock;
  /** Told of each start that worked. */
  readonly onStarted: (result: StartResult) => void;
}

/** The executions' workflows in Temporal. */
export interface WorkflowPort extends Required<SweepPorts>, FinalStoredPorts, TargetWatchPorts {}

/** Temporal is not connected yet, or does not know the answer. */
export class TemporalNotConnectedError extends Error {
  constructor() {
    super('Temporal is not connected yet: it is tried again once it is');
    this.name = 'TemporalNotConnectedError';
  }
}

/** Talks to the executions' workflows. Each call is one try, bounded in time, and rejects when it cannot. */
export function createWorkflowPort(options: WorkflowPortOptions): WorkflowPort {
  const { ledger, temporal, clock, onStarted } = options;
  const workflows = temporalWorkflows({
    client() {
      const client = temporal.current()?.client;
      if (client === undefined) throw new TemporalNotConnectedError();
      return client;
    },
    workflowType: AGENT_EXECUTION_WORKFLOW,
    taskQueue: STIGMER_TASK_QUEUE,
    args: async (executionId) => [await inputOf(options, executionId)],
    requestEagerStart: true,
    timeoutMs: TRY_MS,
    onStarted: (_executionId, result) => onStarted(result),
  });
  const cancel = async (executionId: ExecutionId) => {
    await failPoint('cancel-recorded');
    return workflows.cancel(executionId);
  };
  return {
    ...workflows,
    cancel,
    async start(executionId) {
      await workflows.start(executionId);
      await ledger.markStarted(executionId, clock.now());
      // A cancel that came before there was a workflow: the run is not begun, and Temporal shows why.
      if ((await ledger.find(executionId))?.cancelCause !== undefined) await cancel(executionId);
    },
  };
}

async function inputOf(
  { ledger, runner, runOf }: Pick<WorkflowPortOptions, 'ledger' | 'runner' | 'runOf'>,
  executionId: ExecutionId,
): Promise<AgentExecutionInput> {
  const call = await ledger.find(executionId);
  const binding = await ledger.newestBinding(executionId);
  return {
    executionId,
    token: {
      present: binding !== undefined,
      length: binding?.sealed.length ?? 0,
      fingerprint: binding?.fingerprint ?? '',
    },
    onCallerGone: call?.onCallerGone ?? 'cancel',
    runner,
    ...(await runOf?.(executionId)),
  };
}
