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

type Parts = Pick<StigmerContext, 'storage' | 'clock' | 'feed' | 'logger'>;

/** Says that the agent runs; what an earlier attempt left is taken back. */
export function reportStart(context: Parts, id: ExecutionId, startedAt: Date): Promise<void> {
  return report(context, id, (status) => {
    status.phase = ExecutionPhase.EXECUTION_IN_PROGRESS;
    status.startedAt ||= startedAt.toISOString();
    status.error = '';
    delete status.failure;
  });
}

/** Shows what the agent has said so far. */
export function reportProgress(
  context: Parts,
  id: ExecutionId,
  messages: readonly AgentMessage[],
): Promise<void> {
  return report(context, id, (status) => {
    status.messages = [...messages];
  });
}

/** Shows why an attempt failed. The execution has failed only when its final says so. */
export function reportFailure(
  context: Parts,
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

/** A report that cannot be written is logged: it is no reason to end a run. */
async function report(
  { storage, clock, feed, logger }: Parts,
  id: ExecutionId,
  change: (status: AgentExecutionStatus) => void,
): Promise<void> {
  try {
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
