import { create } from '@bufbuild/protobuf';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type ExecutionId, executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import { failPoint } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import { endExecution } from '../executions/end-execution.ts';
import { tellFinalStored } from '../executions/tell-final-stored.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import { RUNNER_STOPPED } from '../workflows/failure-of-run.ts';
import { onceStorageWorks } from './once-storage-works.ts';
import { prepareRun } from './prepare-run.ts';
import { reportFailure, reportProgress, reportStart } from './report-run.ts';
import type { RunEnd, RunFailure } from './run-failure.ts';
import { messageOf, RunProgress } from './run-progress.ts';

/** Well below the time-out, so that a busy moment is not taken for death. */
const BEATS_PER_TIMEOUT = 5;
/** A cancel comes with the answer to a beat, and 5 s after it is known the run and its programs have to be gone. */
const LONGEST_BEAT_MS = 2_000;

/**
 * Executes an agent whose definition names a runtime. A good end is stored whole by the runner itself, which waits
 * for a database that takes nothing at present; what it
 * returns through Temporal has no bodies, so that no answer is too large for it. A failure is raised.
 */
export function executeGraphton(context: StigmerContext) {
  return async (execution: AgentExecution, threadId: string): Promise<AgentExecutionStatus> => {
    const activity = Context.current();
    const id = executionId(execution.metadata?.id ?? '');
    const run = await prepareRun(context, execution, threadId);
    const now = () => new Date(context.clock.now());
    const startedAt = now();
    const progress = new RunProgress(run.request.message, startedAt, (messages) =>
      reportProgress(context, id, messages),
    );
    await reportStart(context, id, startedAt);
    const stopBeating = beat(activity);
    const stopTimer = context.metrics.stigmer_run_duration_seconds.startTimer({ runtime: run.name });
    try {
      const end = await run.runtime(run.request, {
        signal: activity.cancellationSignal,
        progress: (line) => {
          progress.add(line, now());
          context.progress.say(id, line);
          activity.heartbeat({ executionId: id, progress: line });
        },
      });
      stopTimer({ result: end.kind });
      await progress.close();
      return await conclude(context, id, activity, end, progress, now());
    } catch (error) {
      stopTimer({ result: 'ended' });
      throw error instanceof CancelledFailure ? cancelledOrStopped(activity, error) : error;
    } finally {
      stopBeating();
      await progress.close();
    }
  };
}

async function conclude(
  context: StigmerContext,
  id: ExecutionId,
  activity: Context,
  end: RunEnd,
  progress: RunProgress,
  now: Date,
): Promise<AgentExecutionStatus> {
  if (end.kind === 'failed') {
    await reportFailure(context, id, end.failure, progress.messages());
    throw raised(end.failure);
  }
  const whole = create(AgentExecutionStatusSchema, {
    phase: ExecutionPhase.EXECUTION_COMPLETED,
    messages: [...progress.messages(), messageOf(MessageType.MESSAGE_AI, end.output, now)],
    completedAt: now.toISOString(),
  });
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

/** The workflow counts the attempts, so Temporal is never to repeat this one by itself. */
function raised({ type, message, details }: RunFailure): ApplicationFailure {
  return ApplicationFailure.create({ type, message, details: [...details], nonRetryable: false });
}

/** Being stopped with the process is not being cancelled: the run may begin again elsewhere. */
function cancelledOrStopped(activity: Context, error: CancelledFailure): Error {
  if (!activity.cancellationDetails?.workerShutdown) return error;
  return ApplicationFailure.retryable('the runner was stopped while the agent ran', RUNNER_STOPPED);
}

/** Says that the run is alive, until the returned function is called. */
function beat(activity: Context): () => void {
  const timeoutMs = activity.info.heartbeatTimeoutMs ?? LONGEST_BEAT_MS * BEATS_PER_TIMEOUT;
  const everyMs = Math.min(timeoutMs / BEATS_PER_TIMEOUT, LONGEST_BEAT_MS);
  const timer = setInterval(() => activity.heartbeat(), everyMs);
  return () => clearInterval(timer);
}
