import type { ExecutionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';
import { lookSoon } from './look-soon.ts';

/**
 * Tells the workflow of a final that it has not stored itself, so that it need not wait for the end of its run. One
 * try: where it is lost, the sweep is told to look.
 */
export async function tellFinalStored(
  context: Pick<StigmerContext, 'workflows' | 'storage' | 'clock' | 'logger'>,
  executionId: ExecutionId,
): Promise<void> {
  try {
    await context.workflows.signalFinalStored(executionId);
  } catch (error) {
    context.logger.debug({ executionId, err: error }, 'the workflow could not be told of the stored end');
    await lookSoon(context, executionId);
  }
}
