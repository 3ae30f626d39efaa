import { clone, create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { executionId } from '@token-handshake/core';
import type { Ledger } from '@token-handshake/core/callee';
import {
  type AgentExecution,
  AgentExecutionSchema,
  AgentExecutionStatusSchema,
  type CallbackStatus,
  CallbackStatusSchema,
} from '@token-handshake/proto/agentexecution';

/** An execution as clients see it: what is stored, and what became of telling its caller. */
export async function visibleExecution(ledger: Ledger, stored: AgentExecution): Promise<AgentExecution> {
  const execution = clone(AgentExecutionSchema, stored);
  const callback = await callbackStatus(ledger, execution.metadata?.id ?? '');
  if (callback) {
    execution.status ??= create(AgentExecutionStatusSchema);
    execution.status.callback = callback;
  }
  return execution;
}

async function callbackStatus(ledger: Ledger, id: string): Promise<CallbackStatus | undefined> {
  const call = await ledger.find(executionId(id));
  if (call === undefined || call.generation === 0) return undefined;
  const binding = await ledger.newestBinding(call.executionId);
  const last = (await ledger.verdicts(call.executionId, 1)).at(-1);
  return create(CallbackStatusSchema, {
    state: call.state,
    verdict: last?.verdict ?? '',
    generation: call.generation,
    fingerprint: binding?.fingerprint ?? '',
    at: timestampFromMs(last?.at ?? call.startRequestedAt),
    lastError: last?.detail ?? '',
  });
}
