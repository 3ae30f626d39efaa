import type { Call } from '@token-handshake/core/callee';
import type { StigmerContext } from '../context.ts';

/**
 * Ends the pause of a workflow that waits to deliver. Returns whether there was one to wake; one that cannot be asked
 * counts as none, since everything it would do is safe to do beside it.
 */
export async function wakeWorkflow(
  { workflows, logger }: Pick<StigmerContext, 'workflows' | 'logger'>,
  { executionId }: Pick<Call, 'executionId'>,
): Promise<boolean> {
  if ((await workflows.workflowState(executionId)) !== 'running') return false;
  try {
    // It may not know yet that there is something to deliver, also where something was sent already: early.
    await workflows.signalFinalStored(executionId);
    await workflows.signalTargetUp(executionId);
    return true;
  } catch (error) {
    logger.debug({ executionId, err: error }, 'the workflow could not be woken');
    return false;
  }
}
