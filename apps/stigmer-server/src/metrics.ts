import { defineMetrics } from '@token-handshake/service-kit';

/** Ages of waiting calls, for the label `age_bucket`: from the youngest, each up to its limit. */
export const AGE_BUCKETS = [
  { label: '0-1m', maxMs: 60_000 },
  { label: '1m-10m', maxMs: 600_000 },
  { label: '10m-1h', maxMs: 3_600_000 },
  { label: '1h-24h', maxMs: 86_400_000 },
  { label: '24h+', maxMs: Number.POSITIVE_INFINITY },
] as const;

/** Every metric of the server; the source of its page in the documentation. */
export const metricsTable = defineMetrics({
  stigmer_external_activity_completions_total: {
    type: 'counter',
    labels: ['status'],
    help: 'Attempts to complete a caller that came to an end: `success`, `failure` or `skipped` (no token).',
  },
  stigmer_external_activity_completion_duration_seconds: {
    type: 'histogram',
    help: 'How long an attempt to complete a caller took.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  stigmer_pending_external_activities: {
    type: 'gauge',
    labels: ['age_bucket'],
    help: 'Calls whose caller waits at present, by age.',
  },
  stigmer_external_activity_errors_total: {
    type: 'counter',
    labels: ['error_type'],
    help: 'Attempts to complete a caller that did not reach it, by verdict.',
  },
  stigmer_verdicts_total: {
    type: 'counter',
    labels: ['verdict'],
    help: 'Verdicts of attempts to complete a caller.',
  },
  stigmer_creates_total: {
    type: 'counter',
    labels: ['admission'],
    help: 'Creates by what they did: `created`, `rebound`, `known` or `refused`.',
  },
  stigmer_token_refusals_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Creates refused for their callback token, by error code.',
  },
  stigmer_body_differences_total: {
    type: 'counter',
    help: 'Creates of a known call whose body differed from the first one.',
  },
  stigmer_workflow_starts_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Tries to start a workflow: `started`, `eager`, `known` or `postponed`.',
  },
  stigmer_executions_ended_total: {
    type: 'counter',
    labels: ['phase'],
    help: 'Executions whose end was stored, by phase.',
  },
  stigmer_run_duration_seconds: {
    type: 'histogram',
    labels: ['runtime', 'result'],
    help: 'How long runs of the embedded runner took.',
    buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200],
  },
  stigmer_model_answer_seconds: {
    type: 'histogram',
    labels: ['result'],
    help: 'How long language models took to answer, by `answered` or the type of the failure.',
    buckets: [0.25, 1, 2.5, 5, 15, 60, 300],
  },
  stigmer_model_tokens_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'Tokens that language models took and gave, by `input` and `output`, as their providers count them.',
  },
  stigmer_tool_calls_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Calls of tools that language models made: `completed`, `failed`, or `refused` before they were made.',
  },
  stigmer_beats_total: {
    type: 'counter',
    labels: ['answer', 'target'],
    help: 'Heartbeats sent to callers, by answer and completion target.',
  },
  stigmer_beat_lateness_seconds: {
    type: 'histogram',
    help: 'How long after its due time a heartbeat was sent. A third of the heartbeat time-out is harmless.',
    buckets: [0.05, 0.25, 1, 2.5, 5, 10, 20, 60, 150],
  },
  stigmer_beat_demand: {
    type: 'gauge',
    labels: ['target'],
    help: 'Heartbeats a second that waiting callers need, unstretched, on all servers of the database.',
  },
  stigmer_beat_budget: {
    type: 'gauge',
    labels: ['target'],
    help: 'Heartbeats a second that a completion target allows, from all servers of the database.',
  },
  stigmer_beat_stretch: {
    type: 'gauge',
    labels: ['target'],
    help: 'By how much intervals between heartbeats are stretched: from 1 to 2.25, beyond which new calls are refused.',
  },
  stigmer_admissions_refused_total: {
    type: 'counter',
    help: 'New calls refused because their heartbeats do not fit the budget of their target.',
  },
  stigmer_leases_held: {
    type: 'gauge',
    help: 'Partitions of the ledger, out of 16, that this server works on.',
  },
  stigmer_caller_looks_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Questions about callers that were not found, by what came of them.',
  },
  stigmer_sweep_actions_total: {
    type: 'counter',
    labels: ['action'],
    help:
      'What the sweep put right: `started`, `redelivered`, `cancelled` (asked again), `expired`, `signalled`, ' +
      '`final_signalled`, or an end that it stored: `ended_lost`, `ended_terminated`, `ended_cancelled`.',
  },
  stigmer_open_waits: {
    type: 'gauge',
    labels: ['target', 'verdict'],
    help: 'Calls whose caller waits, by target and by what the last attempt to deliver came to: `none` before the first; `unreachable` waits for its target, `unbound` for its caller.',
  },
  stigmer_oldest_open_wait_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest call whose caller waits; 0 when nobody does.',
  },
  stigmer_targets_down: { type: 'gauge', help: 'Completion targets that do not answer.' },
  stigmer_target_down_since_timestamp_seconds: {
    type: 'gauge',
    labels: ['target'],
    help: 'Since when a completion target has not answered, in Unix time; absent while it does.',
  },
  stigmer_early_deliveries_total: {
    type: 'counter',
    labels: ['verdict'],
    help: 'Outcomes that were sent before the workflow did, by verdict: any but `delivered` is left to the workflow.',
  },
  stigmer_redeliveries_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Outcomes that an operator had delivered again: by verdict, or `woken` where the workflow was told to.',
  },
  stigmer_abandons_total: {
    type: 'counter',
    labels: ['run'],
    help: 'Waits that an operator gave up, by what became of the run: `cancelled` or `left`.',
  },
  stigmer_access_refusals_total: {
    type: 'counter',
    labels: ['reason'],
    help:
      'Calls that were not let in: credentials `missing`, `malformed`, `unknown`, `expired`, `unwanted` (on the ' +
      'anonymous listener) or `unchecked` (their keys could not be fetched); `scope`; `rate`.',
  },
  stigmer_subscribers: { type: 'gauge', help: 'Open streams of `subscribe`.' },
});
