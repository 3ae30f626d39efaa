import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Binding, Call, CallerRef, HistoryRecord } from '@token-handshake/core/callee';
import {
  OnCallerGone,
  type Wait,
  type WaitBinding,
  WaitBindingSchema,
  type WaitCaller,
  WaitCallerSchema,
  type WaitRecord,
  WaitRecordSchema,
  WaitSchema,
} from '@token-handshake/proto/tokenhandshake';
import type { ExecutionProgress } from '../executions/execution-store.ts';
import { phaseName } from '../executions/phase.ts';

/** What a wait is shown from. */
export interface WaitFacts {
  readonly call: Call;
  /** The one that counts; absent for a call without a token. */
  readonly binding?: Binding | undefined;
  /** Absent for an execution that is forgotten. */
  readonly progress?: ExecutionProgress | undefined;
  readonly now: number;
}

/** A wait as operators see it; no token is in it. */
export function waitMessage({ call, binding, progress, now }: WaitFacts): Wait {
  const { state, lastBeatAt } = call;
  const liveness =
    state === 'open' && binding && lastBeatAt !== undefined
      ? lastBeatAt + binding.heartbeatTimeoutMs
      : undefined;
  return create(WaitSchema, {
    executionId: call.executionId,
    principal: call.principal,
    callId: call.callId ?? '',
    target: call.target ?? '',
    state,
    verdict: call.verdict ?? '',
    generation: call.generation,
    fingerprint: binding?.fingerprint ?? '',
    createdAt: timestampFromMs(call.startRequestedAt),
    age: durationFromMs(Math.max(0, now - call.startRequestedAt)),
    deadlines: { ...at('result', call.exp), ...at('liveness', liveness) },
    ...at('startedAt', call.startedAt),
    ...at('lastBeatAt', lastBeatAt),
    ...at('nextBeatAt', call.nextBeatAt),
    ...at('nextTryAt', call.nextTryAt),
    ...at('sentAt', call.sentAt),
    ...at('unansweredSince', call.unansweredSince),
    ...at('unboundSince', call.unboundSince),
    ...(call.cancelCause !== undefined && {
      cancel: { cause: call.cancelCause, ...at('at', call.cancelAt) },
    }),
    onCallerGone: call.onCallerGone === 'detach' ? OnCallerGone.DETACH : OnCallerGone.CANCEL,
    ...(binding?.caller && { caller: callerMessage(binding.caller) }),
    phase: progress ? phaseName(progress.phase) : '',
    hasFinal: progress?.hasFinal ?? false,
  });
}

/** One token of a call, without the token. */
export function bindingMessage(binding: Binding): WaitBinding {
  return create(WaitBindingSchema, {
    generation: binding.generation,
    fingerprint: binding.fingerprint,
    attempt: binding.att ?? 0,
    ...at('scheduledAt', binding.ord),
    keyId: binding.kid,
    heartbeatTimeout: durationFromMs(binding.heartbeatTimeoutMs),
    ...(binding.caller && { caller: callerMessage(binding.caller) }),
  });
}

/** One line of a call's history. */
export function recordMessage({ generation, at: time, verdict, detail }: HistoryRecord): WaitRecord {
  return create(WaitRecordSchema, { generation, verdict, detail: detail ?? '', at: timestampFromMs(time) });
}

function callerMessage({ workflowId, runId, activityId }: CallerRef): WaitCaller {
  return create(WaitCallerSchema, { workflowId, runId, activityId });
}

/** A field with a time, or none. */
function at<Name extends string>(name: Name, ms: number | undefined) {
  return (ms === undefined ? {} : { [name]: timestampFromMs(ms) }) as {
    [K in Name]?: ReturnType<typeof timestampFromMs>;
  };
}
