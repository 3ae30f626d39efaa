import type { Info } from '@temporalio/activity';
import { msToNumber } from '@temporalio/common/lib/time.js';
import {
  type CallbackClaims,
  callId,
  MIN_GRACE_HEARTBEATS,
  parseTaskToken,
  userCallId,
} from '../callback/index.ts';
import { HandshakeError } from '../handshake-error.ts';
import type { TaskToken } from '../ids.ts';
import type { ResolvedHandOffOptions } from './options.ts';

/** The share of the heartbeat time-out that creating may take; the rest is for the callee's first beat. */
const CREATE_SHARE = 0.75;
/** Temporal's default for the longest back-off: this many first intervals, and the default of those. */
const DEFAULT_MAXIMUM_INTERVALS = 100;
const DEFAULT_INITIAL_INTERVAL_MS = 1_000;

/** An activity that may wait for a completion from outside, and what the hand-off needs to know of it. */
export interface WaitingActivity {
  readonly claims: CallbackClaims;
  /** How long creating may take in all. */
  readonly createTimeoutMs: number;
}

/**
 * Checks that an activity can be handed off, and says everything about it that the callee must know.
 *
 * @throws HandshakeError `LOCAL_ACTIVITY`, `TIMEOUT_MISSING`, `OPTIONS_INVALID`, `TASK_TOKEN_UNREADABLE`
 */
export function waitingActivity(
  info: Info,
  options: Pick<ResolvedHandOffOptions<unknown>, 'audience' | 'target' | 'callId' | 'totalTimeoutMs'>,
): WaitingActivity {
  if (info.isLocal) {
    throw new HandshakeError(
      'LOCAL_ACTIVITY',
      `"${info.activityType}" runs as a local activity, which cannot be completed from outside; call it through ` +
        'proxyActivities',
    );
  }
  const execution = info.workflowExecution;
  if (!execution) {
    throw new HandshakeError(
      'OPTIONS_INVALID',
      `"${info.activityType}" was not started by a workflow; call handOff from a workflow's activity`,
    );
  }
  const heartbeatTimeoutMs = required('heartbeatTimeout', info.heartbeatTimeoutMs);
  const scheduleToCloseMs = required('scheduleToCloseTimeout', info.scheduleToCloseTimeoutMs);
  const createTimeoutMs = Math.min(options.totalTimeoutMs, Math.floor(CREATE_SHARE * heartbeatTimeoutMs));
  const { namespace, activityId, activityType, scheduledTimestampMs } = info;
  const { workflowId, runId } = execution;
  const grace = heartbeatTimeoutMs + longestBackOffMs(info) + createTimeoutMs;
  const claims: CallbackClaims = {
    taskToken: info.taskToken as TaskToken,
    namespace,
    namespaceId: parseTaskToken(info.taskToken).namespaceId,
    workflowId,
    runId,
    activityId,
    activityType,
    callId:
      options.callId === undefined
        ? callId({ namespace, workflowId, runId, activityId, scheduledTimestampMs })
        : userCallId(options.callId),
    audience: options.audience,
    target: options.target,
    ord: info.currentAttemptScheduledTimestampMs,
    att: info.attempt,
    exp: scheduledTimestampMs + scheduleToCloseMs,
    graceMs: Math.max(Math.ceil(grace), MIN_GRACE_HEARTBEATS * heartbeatTimeoutMs),
    heartbeatTimeoutMs,
  };
  return { claims, createTimeoutMs };
}

function required(option: string, valueMs: number | undefined): number {
  if (valueMs !== undefined && valueMs > 0) return valueMs;
  throw new HandshakeError(
    'TIMEOUT_MISSING',
    `the activity has no ${option}, without which a dead callee would never be noticed; set ${option} where the ` +
      'workflow calls the activity, or use handOffActivityOptions()',
  );
}

function longestBackOffMs({ retryPolicy }: Info): number {
  const { initialInterval = DEFAULT_INITIAL_INTERVAL_MS, maximumInterval } = retryPolicy ?? {};
  return msToNumber(maximumInterval ?? DEFAULT_MAXIMUM_INTERVALS * msToNumber(initialInterval));
}
