import { executionId } from '@token-handshake/core';
import type { StigmerContext } from '../context.ts';
import { recordCancel } from '../executions/cancel-execution.ts';
import { LOG_MESSAGES } from '../log-messages.ts';

/** See `StoreActivities.recordOperatorCancel`. */
export function recordOperatorCancel(context: StigmerContext) {
  return async (id: string): Promise<void> => {
    const first = await recordCancel(context, executionId(id), 'operator', 'cancelled through Temporal');
    if (!first) return;
    context.logger.info({ executionId: id, cause: 'operator' }, LOG_MESSAGES.cancelRequested);
    context.feed.changed(id);
  };
}
