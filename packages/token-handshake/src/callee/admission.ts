import { nextBeatAt } from '../decision/beat-schedule.ts';
import { type KnownCall, rebind } from '../decision/rebind.ts';
import type { ExecutionId } from '../ids.ts';
import type { Admission, AdmitRequest, Binding, Call } from './ledger.ts';

/** What `admit` answers, and the rows it writes before: the same for every adapter of the ledger. */
export interface AdmissionPlan {
  readonly admission: Admission;
  /** The call's row as it is from now on; absent when nothing changes. */
  readonly call?: Call;
  /** The binding to add. */
  readonly binding?: Binding;
}

/**
 * Decides a `create` by `rebind`, and says what the rows look like then.
 *
 * @param known the call of this principal and call id, if there is one
 * @param tokenOwner the execution that the request's token is bound to already, if any
 */
export function planAdmission(
  request: AdmitRequest,
  known: KnownCall | undefined,
  tokenOwner: ExecutionId | undefined,
): AdmissionPlan {
  const decision = rebind(known, request, tokenOwner);
  if (decision.kind === 'refuse') return { admission: { kind: 'refused', code: decision.code } };
  if (!known || decision.kind === 'create') {
    const call = newCall(request);
    return { admission: { kind: 'created', call }, call, ...newestBinding(call, request) };
  }
  const { sameBody } = decision;
  if (decision.kind === 'keep') return { admission: { kind: 'known', call: known.call, sameBody } };
  const call = boundCall(known.call, request, decision.reopen);
  const admission: Admission = { kind: 'rebound', call, reopened: decision.reopen, sameBody };
  return { admission, call, ...newestBinding(call, request) };
}

/** The row of a call that was not known yet, with the intent to start it. */
function newCall(request: AdmitRequest): Call {
  const { executionId, principal, callId, bodySha256, onCallerGone, now } = request;
  const call: Call = {
    executionId,
    principal,
    ...(callId !== undefined && { callId }),
    bodySha256,
    generation: 0,
    state: 'open',
    onCallerGone,
    startRequestedAt: now,
  };
  return boundCall(call, request, false);
}

/**
 * The row of a call that got a newer binding. What was found out about the older one is forgotten; what is known
 * about the run stays, and the first request's wishes stay too.
 */
function boundCall(call: Call, { caller, now }: AdmitRequest, reopen: boolean): Call {
  if (!caller) return call;
  const { unboundSince: _unbound, nextTryAt: _try, lastBeatAt: _beat, ...kept } = call;
  return {
    ...kept,
    target: caller.target,
    exp: caller.exp,
    graceMs: caller.graceMs,
    generation: call.generation + 1,
    state: reopen ? 'open' : call.state,
    nextBeatAt: nextBeatAt({ now, heartbeatTimeoutMs: caller.binding.heartbeatTimeoutMs, isNew: true }),
  };
}

function newestBinding(call: Call, { caller }: AdmitRequest): { readonly binding?: Binding } {
  if (!caller) return {};
  return { binding: { ...caller.binding, executionId: call.executionId, generation: call.generation } };
}
