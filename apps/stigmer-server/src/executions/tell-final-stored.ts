import type { ExecutionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/**
 * Tells the workflow of a final that it has not stored itself, so that it need not wait for the end of its run. One
 * try: the sweep repeats what is lost.
 */
export async function tellFinalStored(
  { workflows, logger }: Pick<StigmerContext, 'workflows' | 'logger'>,
  executionId: ExecutionId,
): Promise<void> {
  try {
    await workflows.signalFinalStored(executionId);
  } catch (error) {
    logger.debug({ executionId, err: error }, 'the workflow could not be told of the stored end');
  }
}
