import type { Insertable, Selectable } from 'kysely';
import type { CallId, ExecutionId, Fingerprint, TokenDigest } from '../../ids.ts';
import { partitionOf } from '../leases/partition.ts';
import type { Binding, Call, CallerRef, HistoryRecord } from '../ledger.ts';
import type { BindingsTable, CallsTable, VerdictsTable } from './schema.ts';

/** Leaves out what is NULL, since the ledger's types have absent properties instead. */
type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Present<T>;
}

export function callOf(row: Selectable<CallsTable>): Call {
  return {
    executionId: row.execution_id as ExecutionId,
    principal: row.principal,
    bodySha256: row.body_sha256,
    generation: row.generation,
    state: row.state,
    onCallerGone: row.on_caller_gone,
    startRequestedAt: row.start_requested_at,
    ...present({
      callId: row.call_id as CallId | null,
      target: row.target,
      verdict: row.verdict,
      exp: row.exp,
      graceMs: row.gra,
      startedAt: row.started_at,
      cancelCause: row.cancel_cause,
      cancelAt: row.cancel_at,
      sentGeneration: row.sent_generation,
      sentAt: row.sent_at,
      unansweredSince: row.unanswered_since,
      unboundSince: row.unbound_since,
      nextTryAt: row.next_try_at,
      nextBeatAt: row.next_beat_at,
      lastBeatAt: row.last_beat_at,
      finishedAckAt: row.finished_ack_at,
      sweepAt: row.sweep_at,
    }),
  };
}

export function bindingOf(row: Selectable<BindingsTable>): Binding {
  return {
    executionId: row.execution_id as ExecutionId,
    generation: row.generation,
    tokenDigest: row.token_digest as TokenDigest,
    fingerprint: row.fingerprint as Fingerprint,
    kid: row.kid,
    heartbeatTimeoutMs: row.hbt,
    sealed: new Uint8Array(row.sealed),
    ...present({ ord: row.ord, att: row.att, caller: callerOf(row) }),
  };
}

function callerOf({ workflow_id, run_id, activity_id }: Selectable<BindingsTable>): CallerRef | null {
  if (workflow_id === null || run_id === null || activity_id === null) return null;
  return { workflowId: workflow_id, runId: run_id, activityId: activity_id };
}

export function verdictOf(row: Selectable<VerdictsTable>): HistoryRecord {
  return {
    generation: row.generation,
    at: row.at,
    verdict: row.verdict,
    ...present({ detail: row.detail }),
  };
}

export function rowOfCall(call: Call): Insertable<CallsTable> {
  return {
    execution_id: call.executionId,
    principal: call.principal,
    call_id: call.callId ?? null,
    body_sha256: call.bodySha256,
    target: call.target ?? null,
    generation: call.generation,
    state: call.state,
    verdict: call.verdict ?? null,
    exp: call.exp ?? null,
    gra: call.graceMs ?? null,
    on_caller_gone: call.onCallerGone,
    start_requested_at: call.startRequestedAt,
    started_at: call.startedAt ?? null,
    cancel_cause: call.cancelCause ?? null,
    cancel_at: call.cancelAt ?? null,
    sent_generation: call.sentGeneration ?? null,
    sent_at: call.sentAt ?? null,
    unanswered_since: call.unansweredSince ?? null,
    unbound_since: call.unboundSince ?? null,
    next_try_at: call.nextTryAt ?? null,
    next_beat_at: call.nextBeatAt ?? null,
    last_beat_at: call.lastBeatAt ?? null,
    finished_ack_at: call.finishedAckAt ?? null,
    sweep_at: call.sweepAt ?? null,
    partition: partitionOf(call.executionId),
  };
}

export function rowOfBinding(binding: Binding): Insertable<BindingsTable> {
  return {
    execution_id: binding.executionId,
    generation: binding.generation,
    ord: binding.ord ?? null,
    att: binding.att ?? null,
    token_digest: binding.tokenDigest,
    fingerprint: binding.fingerprint,
    kid: binding.kid,
    hbt: binding.heartbeatTimeoutMs,
    sealed: Buffer.from(binding.sealed),
    workflow_id: binding.caller?.workflowId ?? null,
    run_id: binding.caller?.runId ?? null,
    activity_id: binding.caller?.activityId ?? null,
  };
}
