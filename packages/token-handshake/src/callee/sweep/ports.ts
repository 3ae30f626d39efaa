import type { WorkflowState } from '../../decision/workflow-state.ts';
import type { ExecutionId } from '../../ids.ts';

/** The callee's workflows, as the sweep needs them. */
export interface SweepPorts {
  /** Starts the workflow of an execution; one that runs or ran already is no error. Rejects while it cannot. */
  start(executionId: ExecutionId): Promise<void>;
  /** Asks about the workflow by its id: a list is only eventually right. `unknown` for every error; never rejects. */
  workflowState(executionId: ExecutionId): Promise<WorkflowState>;
  /**
   * How long closed workflows are kept, in milliseconds. Rejects while that is not known. Default: a start is tried
   * whatever the age of its call.
   */
  retentionMs?(): Promise<number>;
  /**
   * Asks by a write that changes nothing, such as a repeated signal, whether the workflow is there. Reads may be
   * answered by a server that lags behind; a write reaches the one in charge. Rejects while nobody answers. Default:
   * a second look at its state is taken for enough.
   */
  exists?(executionId: ExecutionId): Promise<boolean>;
  /** Asks a running workflow to cancel; returns whether there was one. Default: who cancels has to ask it. */
  cancel?(executionId: ExecutionId): Promise<boolean>;
  /** Repeats the signal `rebound` to a running workflow. Default: lost signals are made up for by the grace. */
  signalRebound?(executionId: ExecutionId, generation: number): Promise<void>;
}

/** How a running workflow hears of a final that was stored by others. */
export interface FinalStoredPorts {
  /** Repeats the signal `finalStored` to a running workflow. */
  signalFinalStored(executionId: ExecutionId): Promise<void>;
}
