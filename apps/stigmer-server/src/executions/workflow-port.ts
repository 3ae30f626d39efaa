import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Clock, ExecutionId } from '@token-handshake/core';
import {
  type Call,
  type FinalStoredPorts,
  type Ledger,
  type SweepPorts,
  type TargetWatchPorts,
  within,
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
  readonly clock: Clock;
  /** Told of each start that worked. */
  readonly onStarted: (result: StartResult) => void;
}

/** `eager`: its first task came with the answer; `known`: it runs, or ran, already. */
export type StartResult = 'started' | 'eager' | 'known';

/** The executions' workflows in Temporal. */
export interface WorkflowPort extends Required<SweepPorts>, FinalStoredPorts, TargetWatchPorts {
  /** Asks the workflow to cancel. Returns whether there was one to ask. */
  cancel(executionId: ExecutionId): Promise<boolean>;
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
  const { ledger, temporal, runner, clock, onStarted } = options;
  const ask = <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = temporal.current()?.client;
    if (client === undefined) return Promise.reject(new TemporalNotConnectedError());
    return within(client, TRY_MS, () => work(client));
  };
  const cancel = async (executionId: ExecutionId) => {
    await failPoint('cancel-recorded');
    return ask(async (client) => {
      try {
        await client.workflow.getHandle(executionId).cancel();
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    });
  };
  return {
    cancel,
    async start(executionId) {
      const call = await ledger.find(executionId);
      if (call === undefined) return;
      const input = await inputOf(ledger, call, runner);
      onStarted(await ask((client) => start(client, input)));
      await ledger.markStarted(executionId, clock.now());
      // A cancel that came before there was a workflow: the run is not begun, and Temporal shows why.
      if ((await ledger.find(executionId))?.cancelCause !== undefined) await cancel(executionId);
    },
    workflowState: (executionId) =>
      ask(async (client) => {
        const { status } = await client.workflow.getHandle(executionId).describe();
        return status.name === 'RUNNING' ? ('running' as const) : ('closed' as const);
      }).catch((error: unknown) => (error instanceof WorkflowNotFoundError ? 'not_found' : 'unknown')),
    signalRebound: (executionId, generation) =>
      ask((client) => client.workflow.getHandle(executionId).signal('rebound', generation)),
    signalFinalStored: (executionId) =>
      ask((client) => client.workflow.getHandle(executionId).signal('finalStored')),
    signalTargetUp: (executionId) =>
      ask((client) => client.workflow.getHandle(executionId).signal('targetUp')).catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }),
  };
}

async function start(client: Client, input: AgentExecutionInput): Promise<StartResult> {
  try {
    const handle = await client.workflow.start(AGENT_EXECUTION_WORKFLOW, {
      workflowId: input.executionId,
      taskQueue: STIGMER_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      requestEagerStart: true,
    });
    return handle.eagerlyStarted ? 'eager' : 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'known';
    throw error;
  }
}

async function inputOf(ledger: Ledger, call: Call, runner: RunnerLimits): Promise<AgentExecutionInput> {
  const binding = await ledger.newestBinding(call.executionId);
  return {
    executionId: call.executionId,
    token: {
      present: binding !== undefined,
      length: binding?.sealed.length ?? 0,
      fingerprint: binding?.fingerprint ?? '',
    },
    onCallerGone: call.onCallerGone,
    runner,
  };
}
