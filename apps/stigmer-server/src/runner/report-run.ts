import { create } from '@bufbuild/protobuf';
import type { ExecutionId } from '@token-handshake/core';
import {
  type AgentExecutionStatus,
  type AgentMessage,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { FailureSchema } from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../context.ts';
import type { RunFailure } from './run-failure.ts';

/** What a report needs. */
export type ReportParts = Pick<StigmerContext, 'storage' | 'clock' | 'feed' | 'logger'>;

/** Says that the agent runs; what an earlier attempt left is taken back. */
export function reportStart(context: ReportParts, id: ExecutionId, startedAt: Date): Promise<void> {
  return report(context, id, (status) => showStart(status, startedAt));
}

/** Shows that the agent runs. */
export function showStart(status: AgentExecutionStatus, startedAt: Date): void {
  status.phase = ExecutionPhase.EXECUTION_IN_PROGRESS;
  status.startedAt ||= startedAt.toISOString();
  status.error = '';
  delete status.failure;
}

/** Shows what the agent has said so far. */
export function reportProgress(
  context: ReportParts,
  id: ExecutionId,
  messages: readonly AgentMessage[],
): Promise<void> {
  return report(context, id, (status) => {
    status.messages = [...messages];
  });
}

/** Shows why an attempt failed. The execution has failed only when its final says so. */
export function reportFailure(
  context: ReportParts,
  id: ExecutionId,
  { type, message, retryable }: RunFailure,
  messages: readonly AgentMessage[],
): Promise<void> {
  return report(context, id, (status) => {
    status.messages = [...messages];
    status.error = message;
    status.failure = create(FailureSchema, { type, message, retryable });
  });
}

/** How a report changes what is shown. */
type Change = (status: AgentExecutionStatus) => void;

/** A report that cannot be made or written is logged: it is no reason to end a run. */
export async function report(
  { storage, clock, feed, logger }: ReportParts,
  id: ExecutionId,
  changed: Change | Promise<Change>,
): Promise<void> {
  try {
    const change = await changed;
    await storage.executions.changeStatus(
      id,
      (status) => {
        change(status);
        return status;
      },
      clock.now(),
    );
    feed.changed(id);
  } catch (error) {
    logger.warn({ executionId: id, err: error }, 'the progress of a run could not be stored');
  }
}
