import { classifyByStatus, type HandOffEvent } from '@token-handshake/core/caller';
import type { Instruments, Logger } from '@token-handshake/service-kit';
import type { ActivityFacts } from '../activities/call-agent.ts';
import { LOG_MESSAGES } from '../log-messages.ts';
import type { ZigflowMetricTable } from '../metrics.ts';
import type { TaskEvent } from '../workflows/sinks.ts';
import type { SlotListener } from './slots.ts';

/** The workflow that a task event belongs to. */
export interface WorkflowFacts {
  readonly workflowId: string;
  readonly runId: string;
}

/** Everything that a worker says about its work. */
export interface WorkerObserver extends SlotListener {
  onHandOff(event: HandOffEvent, activity: ActivityFacts): void;
  onTask(event: TaskEvent, workflow: WorkflowFacts): void;
  onExpression(result: string): void;
}

/** An observer that tells two. */
export function both(first: WorkerObserver, second: WorkerObserver): WorkerObserver {
  return {
    onHandOff(event, activity) {
      first.onHandOff(event, activity);
      second.onHandOff(event, activity);
    },
    onTask(event, workflow) {
      first.onTask(event, workflow);
      second.onTask(event, workflow);
    },
    onExpression(result) {
      first.onExpression(result);
      second.onExpression(result);
    },
    onChange(count) {
      first.onChange(count);
      second.onChange(count);
    },
    onFreedByHandOff(count, activity) {
      first.onFreedByHandOff(count, activity);
      second.onFreedByHandOff(count, activity);
    },
  };
}

/** Turns what happens into log lines and metrics. */
export function createObserver(logger: Logger, metrics: Instruments<ZigflowMetricTable>): WorkerObserver {
  return {
    onHandOff(event, activity) {
      countHandOff(event, metrics);
      logHandOff(event, logger.child({ workflowId: activity.workflowId, agent: activity.agent }));
    },
    onTask(event, workflow) {
      const { task, kind, state, elapsedMs, failure } = event;
      const facts = { workflowId: workflow.workflowId, task };
      if (state !== 'started' && state !== 'calling') metrics.zigflow_tasks_total.inc({ kind, state });
      if (kind === 'call-agent' && (state === 'completed' || state === 'failed')) {
        metrics.zigflow_waits_total.inc({ result: state });
        metrics.zigflow_wait_duration_seconds.observe({ result: state }, (elapsedMs ?? 0) / 1_000);
        if (state === 'completed') logger.info({ ...facts, elapsedMs }, LOG_MESSAGES.resumed);
      }
      const level = failure === undefined ? 'debug' : 'warn';
      logger[level]({ ...facts, ...event }, `${LOG_MESSAGES.task} ${state}`);
    },
    onExpression: (result) => metrics.zigflow_expressions_total.inc({ result }),
    onChange({ taskQueue, slots, slotsFree }) {
      metrics.zigflow_activity_slots.set({ task_queue: taskQueue }, slots);
      metrics.zigflow_activity_slots_available.set({ task_queue: taskQueue }, slotsFree);
    },
    onFreedByHandOff: (count, activity) => logger.info({ ...activity, ...count }, LOG_MESSAGES.slotFreed),
  };
}

function countHandOff(event: HandOffEvent, metrics: Instruments<ZigflowMetricTable>): void {
  switch (event.kind) {
    case 'sealed':
      return;
    case 'try_failed':
      metrics.zigflow_handoff_tries_failed_total.inc({ will_retry: String(event.willRetry) });
      if (!event.willRetry) {
        const refused = classifyByStatus(event.error) === 'refused';
        metrics.zigflow_handoffs_total.inc({ result: refused ? 'refused' : 'failed' });
      }
      return;
    case 'acked':
      metrics.zigflow_handoff_duration_seconds.observe(event.elapsedMs / 1_000);
      return;
    case 'finished':
    case 'handed_off':
      metrics.zigflow_handoffs_total.inc({ result: event.kind });
  }
}

const handOffMessages = {
  sealed: LOG_MESSAGES.sealed,
  acked: LOG_MESSAGES.acked,
  finished: LOG_MESSAGES.finished,
  handed_off: LOG_MESSAGES.handedOff,
} as const;

function logHandOff(event: HandOffEvent, logger: Logger): void {
  if (event.kind === 'try_failed') {
    const { kind: _, error, ...facts } = event;
    logger.warn({ ...facts, err: error }, LOG_MESSAGES.tryFailed);
  } else {
    const { kind, ...facts } = event;
    logger.info(facts, handOffMessages[kind]);
  }
}
