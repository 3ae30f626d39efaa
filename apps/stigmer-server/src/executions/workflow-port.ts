import type { Clock, ExecutionId } from '@token-handshake/core';
import {
  type FinalStoredPorts,
  type Ledger,
  type StartResult,
  type SweepPorts,
  type TargetWatchPorts,
  temporalWorkflows,
} from '@token-handshake/core/callee';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { failPoint, type TemporalConnector } from '@token-handshake/service-kit';
import type { AgentExecutionInput, RunnerLimits } from '../workflows/input.ts';
import { AGENT_EXECUTION_WORKFLOW, STIGMER_TASK_QUEUE, TURN_SIGNAL } from '../workflows/names.ts';

/** How long one question to the server's own Temporal may take. An answer to a client waits no longer than this. */
const TRY_MS = 2_000;

/** What {@link createWorkflowPort} needs. */
export interface WorkflowPortOptions {
  readonly ledger: Ledger;
  readonly temporal: Pick<TemporalConnector, 'current'>;
  readonly runner: RunnerLimits;
  /** What else the workflow is told of the run. Default: nothing, so that it finds out itself. */
  readonly runOf?: (executionId: ExecutionId) => Promise<GivenRun>;
  readonly clock: Clock;
  /** Told of each start that worked. */
  readonly onStarted: (result: StartResult) => void;
}

/** What spares the workflow some questions. */
export interface GivenRun
  extends Pick<
    AgentExecutionInput,
    | 'converses'
    | 'resumesFromDetails'
    | 'runnerQueue'
    | 'runToken'
    | 'secretsByReference'
    | 'threadId'
    | 'waitsForTurn'
  > {
  /** The runner's copy; absent when nothing is to be run. */
  readonly copy?: AgentExecution;
}

/** The executions' workflows in Temporal. */
export interface WorkflowPort extends Required<SweepPorts>, FinalStoredPorts, TargetWatchPorts {
  /** Says that the executions of its session before it have ended. */
  signalTurn(executionId: ExecutionId): Promise<void>;
}

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
  const connected = () => {
    const client = temporal.current()?.client;
    if (client === undefined) throw new TemporalNotConnectedError();
    return client;
  };
  const workflows = temporalWorkflows({
    client: connected,
    workflowType: AGENT_EXECUTION_WORKFLOW,
    taskQueue: STIGMER_TASK_QUEUE,
    args: (executionId) => argumentsOf(options, executionId),
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
    async signalTurn(executionId) {
      const client = connected();
      await client.withDeadline(Date.now() + TRY_MS, () =>
        client.workflow.getHandle(executionId).signal(TURN_SIGNAL),
      );
    },
    async start(executionId) {
      await workflows.start(executionId);
      await ledger.markStarted(executionId, clock.now());
      // A cancel that came before there was a workflow: the run is not begun, and Temporal shows why.
      if ((await ledger.find(executionId))?.cancelCause !== undefined) await cancel(executionId);
    },
  };
}

async function argumentsOf(
  { ledger, runner, runOf }: Pick<WorkflowPortOptions, 'ledger' | 'runner' | 'runOf'>,
  executionId: ExecutionId,
): Promise<[AgentExecutionInput, AgentExecution?]> {
  const call = await ledger.find(executionId);
  const binding = await ledger.newestBinding(executionId);
  const { copy, ...given } = (await runOf?.(executionId)) ?? {};
  const input: AgentExecutionInput = {
    executionId,
    token: {
      present: binding !== undefined,
      length: binding?.sealed.length ?? 0,
      fingerprint: binding?.fingerprint ?? '',
    },
    onCallerGone: call?.onCallerGone ?? 'cancel',
    runner,
    ...given,
  };
  return copy === undefined ? [input] : [input, copy];
}
