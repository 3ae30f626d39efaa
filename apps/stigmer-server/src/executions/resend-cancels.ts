import type { StigmerContext } from '../context.ts';
import { LOG_MESSAGES } from '../log-messages.ts';

/** Who cancels asks the workflow at once; this long after, the request was lost, or the workflow is busy with it. */
const RESEND_AFTER_MS = 5_000;
const PAGE = 100;

/**
 * Asks workflows again to cancel where the wish is written and the execution has not ended. An execution that has no
 * workflow yet needs nothing: it sees the wish when it starts. Returns how many were asked.
 */
export async function resendCancels({
  storage,
  clock,
  workflows,
  logger,
  metrics,
}: Pick<StigmerContext, 'storage' | 'clock' | 'workflows' | 'logger' | 'metrics'>): Promise<number> {
  let asked = 0;
  for (const executionId of await storage.unfinishedCancels(clock.now() - RESEND_AFTER_MS, PAGE)) {
    if (!(await workflows.cancel(executionId))) continue;
    asked += 1;
    metrics.stigmer_sweep_actions_total.inc({ action: 'cancelled' });
    logger.info({ executionId, action: 'cancelled' }, LOG_MESSAGES.swept);
  }
  return asked;
}
