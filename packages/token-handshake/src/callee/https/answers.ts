import {
  CallbackVerdict,
  type CheckResponse,
  type CompleteResponse,
  HeartbeatAnswer,
  type HeartbeatResponse,
  WaitState,
} from '@token-handshake/proto/tokenhandshake';
import type { Look } from '../../decision/look.ts';
import { ERROR_CODES, type ErrorCode } from '../../error-codes.ts';
import type { CallId, TokenDigest } from '../../ids.ts';
import type { BeatAnswer, CheckAnswer, CompletionAnswer } from '../completion-target.ts';
import { refusalKind } from '../refusal-kind.ts';
import type { TokenFacts } from '../token-facts.ts';
import { bounded, type ServiceAnswer } from './call-service.ts';

/** What `Complete`, `Fail` and `Cancel` have in common. */
type EndResponse = Pick<CompleteResponse, 'verdict' | 'wait' | 'detail' | 'bytes' | 'notSent'>;

/** What the answer to an outcome says. */
export function completionAnswerOf(answer: ServiceAnswer<EndResponse>): CompletionAnswer {
  if (answer.kind !== 'ok') return failedAnswerOf(answer);
  const { verdict, bytes, notSent } = answer.message;
  const detail = bounded(answer.message.detail);
  switch (verdict) {
    case CallbackVerdict.DELIVERED:
      return { kind: 'ok' };
    case CallbackVerdict.DUPLICATE:
    case CallbackVerdict.COLLECTED:
    case CallbackVerdict.UNBOUND:
    case CallbackVerdict.CALLER_GONE:
    case CallbackVerdict.UNCONFIRMED:
      return { kind: 'not_found' };
    case CallbackVerdict.MALFORMED:
      return { kind: 'malformed', detail };
    case CallbackVerdict.DENIED:
      return { kind: 'denied', detail };
    case CallbackVerdict.OVERSIZE:
      return { kind: 'oversize', bytes: Number(bytes) };
    case CallbackVerdict.UNREACHABLE:
      return { kind: 'unreachable', detail, ...(notSent && { notSent: true }) };
    default:
      return { kind: 'unreachable', detail: 'its verdict is not known to this callee' };
  }
}

/** What the answer to a beat says. */
export function beatAnswerOf(answer: ServiceAnswer<HeartbeatResponse>): BeatAnswer {
  if (answer.kind !== 'ok') {
    const failed = failedAnswerOf(answer);
    // A token that the caller's side cannot read will not be read next time either: like a refusal, it is no silence.
    return failed.kind === 'malformed' ? { kind: 'denied', detail: failed.detail } : failed;
  }
  const detail = bounded(answer.message.detail);
  switch (answer.message.answer) {
    case HeartbeatAnswer.ALIVE:
      return { kind: 'ok' };
    case HeartbeatAnswer.CANCEL_REQUESTED:
      return { kind: 'cancel_requested' };
    case HeartbeatAnswer.PAUSED:
      return { kind: 'paused' };
    case HeartbeatAnswer.RESET:
      return { kind: 'reset' };
    case HeartbeatAnswer.NOT_FOUND:
      return { kind: 'not_found' };
    case HeartbeatAnswer.DENIED:
      return { kind: 'denied', detail };
    case HeartbeatAnswer.UNREACHABLE:
      return { kind: 'unreachable', detail };
    default:
      return { kind: 'unreachable', detail: 'its answer to the heartbeat is not known to this callee' };
  }
}

/** What the state of a wait says; `undefined` where nothing was asked, or the state is not known here. */
export function lookOf(wait: WaitState): Look | undefined {
  switch (wait) {
    case WaitState.PENDING:
      return { kind: 'pending' };
    case WaitState.CLOSED_BY_CALLEE:
      return { kind: 'closed', by: 'us' };
    case WaitState.CLOSED_BY_WORKER:
      return { kind: 'closed', by: 'worker' };
    case WaitState.CLOSED_OTHERWISE:
      return { kind: 'closed', by: 'other' };
    case WaitState.CLOSED:
      return { kind: 'history_not_allowed' };
    case WaitState.NOT_ALLOWED:
      return { kind: 'asking_not_allowed' };
    case WaitState.NO_ANSWER:
      return { kind: 'no_answer' };
    default:
      return undefined;
  }
}

/** What the answer to a check says. */
export function checkAnswerOf(answer: ServiceAnswer<CheckResponse>): CheckAnswer {
  if (answer.kind === 'ok') return { kind: 'checked', facts: factsOf(answer.message) };
  if (answer.kind === 'failed' && answer.code === 'invalid_argument') {
    const code = isTokenErrorCode(answer.errorCode) ? answer.errorCode : 'TOKEN_UNREADABLE';
    return { kind: 'refused', code, detail: answer.detail };
  }
  const { kind, detail } = failedAnswerOf(answer);
  return kind === 'unreachable' ? { kind, detail } : { kind: 'denied', detail };
}

function factsOf(response: CheckResponse): TokenFacts {
  const { callId, tokenDigest, activityType, workflowId, runId, activityId, preview, att } = response;
  return {
    callId: callId as CallId,
    ord: Number(response.ord),
    att,
    exp: Number(response.exp),
    heartbeatTimeoutMs: Number(response.hbt),
    graceMs: Number(response.gra),
    digest: tokenDigest as TokenDigest,
    activityType,
    caller: { workflowId, runId, activityId },
    preview,
  };
}

type Failed = Exclude<ServiceAnswer<never>, { readonly kind: 'ok' }>;
type FailedAnswer = Extract<CompletionAnswer, { kind: 'malformed' | 'denied' | 'unreachable' }>;

/** What it means that there was no answer of the service, or that it answered with an error. */
function failedAnswerOf(answer: Failed): FailedAnswer {
  const { detail } = answer;
  if (answer.kind === 'denied') return { kind: 'denied', detail };
  if (answer.kind === 'silent')
    return { kind: 'unreachable', detail, ...(answer.notSent && { notSent: true }) };
  switch (answer.code) {
    case 'invalid_argument':
      return {
        kind: isTokenErrorCode(answer.errorCode) ? refusalKind(answer.errorCode) : 'malformed',
        detail,
      };
    case 'permission_denied':
    case 'unauthenticated':
      return { kind: 'denied', detail };
    default:
      return { kind: 'unreachable', detail };
  }
}

/** Of the other side's codes only those count that are about the token it was asked about. */
function isTokenErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && /^(?:TASK_)?TOKEN_/.test(code) && Object.hasOwn(ERROR_CODES, code);
}
