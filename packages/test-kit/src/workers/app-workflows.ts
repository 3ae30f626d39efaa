import { resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleForDevelopment, temporalDataConverter } from '@token-handshake/service-kit';
import { quietRuntime } from './quiet-runtime.ts';

type WorkflowHandle = ReturnType<Client['workflow']['getHandle']>;

/** A workflow as Temporal's API tells of it. */
export interface RecordedWorkflow {
  readonly workflowId: string;
  /** As the client gives it, or in the JSON of Temporal's own tools. */
  readonly history: unknown;
}

/** Fetches a workflow's history. */
export async function recordingOf(
  handle: Pick<WorkflowHandle, 'workflowId' | 'fetchHistory'>,
): Promise<RecordedWorkflow> {
  return { workflowId: handle.workflowId, history: await handle.fetchHistory() };
}

/** Workflow code as a worker runs it. */
export interface WorkflowCode {
  readonly code: string;
}

/** Bundles the workflows of an app of this repository, named by its folder, as the app itself does. */
export function bundleOf(app: 'stigmer-server' | 'zigflow-worker'): Promise<WorkflowCode> {
  return bundleForDevelopment(resolve(import.meta.dirname, '../../../../apps', app, 'src/workflows'));
}

/** Runs workflow code over a history. Returns what is wrong when it would do something else today. */
export async function replay(
  workflowBundle: WorkflowCode,
  { workflowId, history }: RecordedWorkflow,
): Promise<DeterminismViolationError | undefined> {
  quietRuntime();
  try {
    await Worker.runReplayHistory(
      { workflowBundle, dataConverter: temporalDataConverter },
      history,
      workflowId,
    );
    return undefined;
  } catch (error) {
    if (error instanceof DeterminismViolationError) return error;
    throw error;
  }
}
