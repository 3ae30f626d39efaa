import { create } from '@bufbuild/protobuf';
import type { Context } from '@temporalio/activity';
import type { ExecutionId } from '@token-handshake/core';
import { type AgentExecutionStatus, AgentExecutionStatusSchema } from '@token-handshake/proto/agentexecution';
import { failPoint } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import { endExecution } from '../executions/end-execution.ts';
import { tellFinalStored } from '../executions/tell-final-stored.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { onceStorageWorks } from './once-storage-works.ts';

/**
 * Stores the good end of a run whole, and begins to tell the caller. It waits for a database that takes nothing at present.
 * Returns what the activity returns through Temporal: it has no bodies, so that no answer is too large for it.
 */
export async function storeAnswer(
  context: StigmerContext,
  activity: Context,
  id: ExecutionId,
  whole: AgentExecutionStatus,
): Promise<AgentExecutionStatus> {
  const ended = await onceStorageWorks(() => endExecution(context, id, { kind: 'returned', status: whole }), {
    sleep: (ms) => activity.sleep(ms),
    onFailure: (error) => context.logger.warn({ executionId: id, err: error }, LOG_MESSAGES.finalPostponed),
  });
  if (ended) context.earlyDeliveries.begin(ended, id);
  await failPoint('run-stored');
  // What it returns tells the workflow; to an attempt that was given up meanwhile nobody listens.
  if (activity.cancellationSignal.aborted) await tellFinalStored(context, id);
  return create(AgentExecutionStatusSchema, { phase: whole.phase, completedAt: whole.completedAt });
}
