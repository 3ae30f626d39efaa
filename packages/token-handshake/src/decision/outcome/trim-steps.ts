import { create } from '@bufbuild/protobuf';
import { toJsonValue } from '@token-handshake/proto';
import {
  type AgentExecution,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  AgentMessageSchema,
} from '@token-handshake/proto/agentexecution';
import { ApiResourceMetadataSchema } from '@token-handshake/proto/apiresource';
import { cutText, jsonBytes } from './cut-text.ts';
import { toolCallsOf } from './tool-calls-of.ts';

/** An execution that is too large, by how many bytes. */
export interface Oversize {
  readonly execution: AgentExecution;
  readonly status: AgentExecutionStatus;
  readonly excess: number;
}

/** Texts that name a run, or say when it was, need no more. */
const MAX_LABEL_BYTES = 4 * 1024;

/**
 * What is taken out of an execution, in this order, until it is small enough. Each step takes out at least the
 * excess, or all that it may: what it counts is never more than what it saves.
 */
export const TRIM_STEPS: readonly ((oversize: Oversize) => void)[] = [
  trimToolResults,
  trimSubAgentOutputs,
  trimMessages,
  keepEssence,
  trimOutput,
];

function trimToolResults({ status, excess }: Oversize): void {
  clearUntil(toolCallsOf(status), excess, (call) => {
    const saved = jsonBytes(call.result);
    call.result = '';
    return saved;
  });
}

function trimSubAgentOutputs({ status, excess }: Oversize): void {
  clearUntil(status.subAgentExecutions, excess, (agent) => {
    const saved = jsonBytes(agent.output);
    agent.output = '';
    return saved;
  });
}

function trimMessages({ status, excess }: Oversize): void {
  let dropped = 0;
  clearUntil(status.messages, excess, (message) => {
    dropped++;
    return Buffer.byteLength(JSON.stringify(toJsonValue(AgentMessageSchema, message)));
  });
  status.messages = status.messages.slice(dropped);
}

/** Whatever else makes a run so large: only which run it was, how it ended and what it said is kept. */
function keepEssence({ execution, status }: Oversize): void {
  const { phase, output, error, failure, cancellation, truncated } = status;
  execution.status = create(AgentExecutionStatusSchema, {
    phase,
    output,
    error,
    startedAt: cutText(status.startedAt, MAX_LABEL_BYTES),
    completedAt: cutText(status.completedAt, MAX_LABEL_BYTES),
    ...(failure && { failure }),
    ...(cancellation && { cancellation }),
    ...(truncated && { truncated }),
  });
  const { metadata } = execution;
  if (metadata) {
    const [id, name, slug, org] = [metadata.id, metadata.name, metadata.slug, metadata.org].map((text) =>
      cutText(text, MAX_LABEL_BYTES),
    ) as [string, string, string, string];
    execution.metadata = create(ApiResourceMetadataSchema, { id, name, slug, org });
  }
  execution.apiVersion = cutText(execution.apiVersion, MAX_LABEL_BYTES);
  execution.kind = cutText(execution.kind, MAX_LABEL_BYTES);
  delete execution.spec;
}

function trimOutput({ execution: { status }, excess }: Oversize): void {
  if (status) status.output = cutText(status.output, jsonBytes(status.output) - excess);
}

function clearUntil<T>(items: readonly T[], excess: number, clear: (item: T) => number): void {
  let saved = 0;
  for (const item of items) {
    if (saved >= excess) return;
    saved += clear(item);
  }
}
