import { defineMetrics } from '@token-handshake/service-kit';

const waitBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

/** What the worker counts; the source of its page in the documentation. */
export const metricTable = defineMetrics({
  zigflow_handoffs_total: {
    type: 'counter',
    help: 'Attempts of calls, by how they ended: handed_off (the slot is free, the answer comes by token), finished (the answer was there already), refused (by the callee, for good), failed (not told in time; Temporal tries again).',
    labels: ['result'],
  },
  zigflow_handoff_tries_failed_total: {
    type: 'counter',
    help: 'Single tries of telling the callee that failed; tried again within the attempt or not.',
    labels: ['will_retry'],
  },
  zigflow_handoff_duration_seconds: {
    type: 'histogram',
    help: "From the sealed token to the callee's acknowledgement.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  },
  zigflow_waits_total: {
    type: 'counter',
    help: 'Calls whose wait ended, as their workflow saw it: completed or failed.',
    labels: ['result'],
  },
  zigflow_wait_duration_seconds: {
    type: 'histogram',
    help: 'From the start of a call to its end, as its workflow saw it.',
    labels: ['result'],
    buckets: waitBuckets,
  },
  zigflow_callbacks_total: {
    type: 'counter',
    help: 'What callees asked for through the callback service: checked, ended (by the verdict), beat (by the answer), refused (by the code of what is wrong with the token).',
    labels: ['kind', 'answer'],
  },
  zigflow_tasks_total: {
    type: 'counter',
    help: 'Tasks of documents, by kind and by how they ended: completed, failed, skipped.',
    labels: ['kind', 'state'],
  },
  zigflow_expressions_total: {
    type: 'counter',
    help: 'Expressions that jq evaluated: ok, or the kind of the fault.',
    labels: ['result'],
  },
  zigflow_activity_slots: {
    type: 'gauge',
    help: 'Activity slots, by task queue.',
    labels: ['task_queue'],
  },
  zigflow_activity_slots_available: {
    type: 'gauge',
    help: 'Activity slots that are free, by task queue. Waiting calls hold none.',
    labels: ['task_queue'],
  },
});

/** The instruments' names and types. */
export type ZigflowMetricTable = typeof metricTable;
