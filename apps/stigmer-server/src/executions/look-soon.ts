import type { ExecutionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';

/**
 * Has the sweep look at an execution in its next run: its workflow did not hear of something. That failing too, the
 * sweep looks at it when its turn comes.
 */
export async function lookSoon(
  { storage, clock, logger }: Pick<StigmerContext, 'storage' | 'clock' | 'logger'>,
  executionId: ExecutionId,
): Promise<void> {
  try {
    await storage.ledger.scheduleSweeps([{ executionId, at: clock.now() }]);
  } catch (error) {
    logger.debug({ executionId, err: error }, 'the sweep could not be told to look');
  }
}
