import { proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { JsonValue } from '@token-handshake/core';
import { type LocalActivities, RESOLVE_DOCUMENT } from '../activities/contract.ts';
import { newRunState } from './run-state.ts';
import { runTasks } from './run-tasks.ts';

const { [RESOLVE_DOCUMENT]: resolveDocument } = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: '30s',
});

/**
 * Runs the document that the workflow's type names, from its first task to its last. The document is resolved once;
 * its copy in the history is what this run goes by, whatever becomes of the file.
 */
export async function runWorkflow(input: JsonValue): Promise<JsonValue> {
  const { workflowType, taskQueue } = workflowInfo();
  const resolved = await resolveDocument({ workflowType, taskQueue });
  if ('known' in resolved) {
    // No failure of the workflow but of this worker: Temporal tries again, maybe on a worker that has the document.
    const known = resolved.known.map((name) => `"${name}"`).join(', ') || 'none';
    throw new Error(
      `this worker has no document for the workflow type "${workflowType}" on "${taskQueue}": it has ${known}`,
    );
  }
  const state = newRunState(resolved, input);
  await runTasks(resolved.document.tasks, state);
  return state.output;
}
