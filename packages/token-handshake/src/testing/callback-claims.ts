import { type CallbackClaims, parseTaskToken } from '../callback/index.ts';
import type { CallId } from '../ids.ts';
import { encodeTaskToken } from './task-token.ts';

/** Claims of a caller that waits for a day with a minute's heartbeat time-out, about the token that they carry. */
export function callbackClaims(claims: Partial<CallbackClaims> = {}): CallbackClaims {
  const taskToken = claims.taskToken ?? encodeTaskToken();
  const { namespaceId, workflowId, runId, activityId, activityType, attempt } = parseTaskToken(taskToken);
  return {
    taskToken,
    namespace: 'default',
    namespaceId,
    workflowId,
    runId,
    activityId,
    activityType,
    callId: 'user:call-1' as CallId,
    audience: 'callee',
    ord: 1_700_000_000_000,
    att: attempt,
    exp: 1_700_086_400_000,
    graceMs: 180_000,
    target: 'temporal:default',
    heartbeatTimeoutMs: 60_000,
    ...claims,
  };
}
