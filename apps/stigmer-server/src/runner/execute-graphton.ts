import { create } from '@bufbuild/protobuf';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { type ExecutionId, executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import { prepareRun } from './prepare-run.ts';
import { reportFailure, reportProgress, reportStart } from './report-run.ts';
import type { RunEnd, RunFailure } from './run-failure.ts';
import { messageOf, RunProgress } from './run-progress.ts';
import { storeAnswer } from './store-answer.ts';
import { whileAlive } from './while-alive.ts';

/** What the heartbeats of this runner say, and what a run that begins again is given. */
interface HeartbeatDetails {
  readonly executionId: string;
  readonly progress: string;
}

/**
 * Executes an agent whose definition names a runtime. A good end is stored whole by the runner itself. A failure is raised.
 */
export function executeGraphton(context: StigmerContext) {
  return (
    execution: AgentExecution,
    threadId: string,
    _runToken?: string,
    resumedFrom?: unknown,
  ): Promise<AgentExecutionStatus> =>
    whileAlive(async (activity, beat) => {
      const id = executionId(execution.metadata?.id ?? '');
      const run = await prepareRun(context, execution, { threadId, ...lastProgress(resumedFrom) });
      const now = () => new Date(context.clock.now());
      const startedAt = now();
      const progress = new RunProgress(run.request.message, startedAt, (messages) =>
        reportProgress(context, id, messages),
      );
      await reportStart(context, id, startedAt);
      const stopTimer = context.metrics.stigmer_run_duration_seconds.startTimer({ runtime: run.name });
      try {
        const end = await run.runtime(run.request, {
          signal: activity.cancellationSignal,
          progress: (line) => {
            progress.add(line, now());
            context.progress.say(id, line);
            // What a program says while it is being stopped does not say how far it was.
            if (!activity.cancellationSignal.aborted)
              beat({ executionId: id, progress: line } satisfies HeartbeatDetails);
          },
        });
        stopTimer({ result: end.kind });
        await progress.close();
        return await conclude(context, id, activity, end, progress, now());
      } catch (error) {
        stopTimer({ result: 'ended' });
        throw error;
      } finally {
        await progress.close();
      }
    });
}

/** Details may come from whatever runner had the attempt before. No variable can have a NUL in it. */
function lastProgress(details: unknown): { readonly resumedFrom?: string } {
  const { progress } = (details ?? {}) as Partial<Record<keyof HeartbeatDetails, unknown>>;
  return typeof progress === 'string' ? { resumedFrom: progress.replaceAll('\0', '') } : {};
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
  return storeAnswer(context, activity, id, whole);
}

/** The workflow counts the attempts, so Temporal is never to repeat this one by itself. */
function raised({ type, message, details }: RunFailure): ApplicationFailure {
  return ApplicationFailure.create({ type, message, details: [...details], nonRetryable: false });
}
