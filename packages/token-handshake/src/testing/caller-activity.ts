import type { Info } from '@temporalio/activity';
import { encodeTaskToken } from './task-token.ts';

/**
 * What `MockActivityEnvironment` needs to be told so that an activity in it can hand off: both mandatory time-outs,
 * and a task token with the fields of Temporal's own.
 */
export function callerActivityInfo(info: Partial<Info> = {}): Partial<Info> {
  const workflowExecution = { workflowId: 'workflow-1', runId: '0192c1f0-57f2-7b7e-8f60-3d4d4dc0f001' };
  const activityId = info.activityId ?? '1';
  const activityType = info.activityType ?? 'callAgent';
  const attempt = info.attempt ?? 1;
  const taskToken = encodeTaskToken({ ...workflowExecution, activityId, activityType, attempt });
  return {
    workflowExecution,
    activityId,
    activityType,
    attempt,
    taskToken,
    base64TaskToken: Buffer.from(taskToken).toString('base64'),
    namespace: 'default',
    heartbeatTimeoutMs: 60_000,
    scheduleToCloseTimeoutMs: 24 * 60 * 60_000,
    startToCloseTimeoutMs: 24 * 60 * 60_000,
    scheduledTimestampMs: 1_700_000_000_000,
    currentAttemptScheduledTimestampMs: 1_700_000_000_000,
    ...info,
  };
}
