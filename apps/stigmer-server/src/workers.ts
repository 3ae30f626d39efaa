import { Worker } from '@temporalio/worker';
import type { Logger, WorkerFactory } from '@token-handshake/service-kit';
import { workflowSource } from '@token-handshake/service-kit';
import { stigmerActivities } from './activities/index.ts';
import type { StigmerContext } from './context.ts';
import { LOG_MESSAGES } from './log-messages.ts';
import { runnerActivities } from './runner/index.ts';
import { WORKFLOW_SOURCE } from './workflow-source.ts';
import { RUNNER_TASK_QUEUE, STIGMER_TASK_QUEUE } from './workflows/names.ts';

/** A cancel reaches an activity with the answer to a heartbeat, so heartbeats must not be held back for long. */
const HEARTBEAT_THROTTLE_MS = 1_000;

/** The workers of the server, by name: its own, and the embedded runner's unless that is turned off. */
export function stigmerWorkers(context: StigmerContext): Record<string, WorkerFactory> {
  const { runner } = context.config;
  return runner.embedded ? { stigmer: own(context), runner: embedded(context) } : { stigmer: own(context) };
}

function own(context: StigmerContext): WorkerFactory {
  return async (base) => {
    const source = await workflowSource(WORKFLOW_SOURCE);
    const activities = stigmerActivities(context);
    logRegistrations(context.logger, STIGMER_TASK_QUEUE, activities);
    return Worker.create({ ...base, ...source, taskQueue: STIGMER_TASK_QUEUE, activities });
  };
}

function embedded(context: StigmerContext): WorkerFactory {
  return (base) => {
    const activities = runnerActivities(context);
    logRegistrations(context.logger, RUNNER_TASK_QUEUE, activities);
    return Worker.create({
      ...base,
      taskQueue: RUNNER_TASK_QUEUE,
      activities,
      maxConcurrentActivityTaskExecutions: context.config.runner.maxConcurrentRuns,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
      // Agents are not stopped half-way through for the grace of short activities: they begin again elsewhere.
      shutdownGraceTime: 0,
    });
  };
}

function logRegistrations(logger: Logger, taskQueue: string, activities: object): void {
  for (const activity of Object.keys(activities)) {
    logger.info({ taskQueue, activity }, LOG_MESSAGES.activityRegistered);
  }
}
