import type { InjectedSinks } from '@temporalio/worker';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger, WorkerBaseOptions } from '@token-handshake/service-kit';
import { type Activities, CALL_AGENT, type LocalActivities } from '../activities/contract.ts';
import type { DocumentCatalog } from '../document/document-catalog.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { ProgressSinks } from '../workflows/sinks.ts';
import type { WorkerObserver } from './observer.ts';
import { countSlots } from './slots.ts';

/** What the workers of all task queues share. */
export interface WorkerParts {
  readonly workflowBundle: WorkflowBundleOption;
  readonly activities: Activities & LocalActivities;
  readonly catalog: DocumentCatalog;
  readonly observer: WorkerObserver;
  readonly logger: Logger;
  readonly maxConcurrentActivities: number;
}

/** Makes the worker of one task queue, and says what it serves. */
export async function createWorker(
  base: WorkerBaseOptions,
  taskQueue: string,
  parts: WorkerParts,
): Promise<Worker> {
  const { workflowBundle, activities, catalog, observer, logger, maxConcurrentActivities } = parts;
  const worker = await Worker.create({
    ...base,
    taskQueue,
    workflowBundle,
    activities,
    maxConcurrentActivityTaskExecutions: maxConcurrentActivities,
    sinks: progressSinks(observer),
    interceptors: { activity: [countSlots(taskQueue, maxConcurrentActivities, observer)] },
  });
  for (const activity of Object.keys(activities)) {
    logger.info({ taskQueue, activity, local: activity !== CALL_AGENT }, LOG_MESSAGES.activityRegistered);
  }
  for (const workflowType of catalog.workflowTypes(taskQueue)) {
    logger.info({ taskQueue, workflowType }, LOG_MESSAGES.workflowRegistered);
  }
  return worker;
}

function progressSinks(observer: WorkerObserver): InjectedSinks<ProgressSinks> {
  return {
    progress: {
      task: {
        fn: ({ workflowId, runId }, event) => observer.onTask(event, { workflowId, runId }),
        callDuringReplay: false,
      },
    },
  };
}
