import { createHash } from 'node:crypto';
import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import {
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  TruncationSchema,
} from '@token-handshake/proto/agentexecution';

/** Statuses up to this size are listed as they are: a page of 100 stays below gRPC's usual 4 MiB a message. */
const MAX_LISTED_BYTES = 32 * 1024;
/** Short texts stay in a large status too. */
const MAX_LISTED_TEXT = 2 * 1024;

/**
 * A status as lists show it: a large one without messages, tool calls, sub-agents, todos and long texts, with
 * `truncated` saying how large the whole is. The whole is got by id.
 */
export function listedStatus(status: AgentExecutionStatus): AgentExecutionStatus {
  if (toBinary(AgentExecutionStatusSchema, status).length <= MAX_LISTED_BYTES) return status;
  const whole = Buffer.from(toJsonString(AgentExecutionStatusSchema, status));
  const { phase, error, startedAt, completedAt, audit, output, failure, cancellation, callback } = status;
  const details = JSON.stringify(failure?.details ?? []).length <= MAX_LISTED_TEXT;
  return create(AgentExecutionStatusSchema, {
    phase,
    error: short(error),
    output: short(output),
    startedAt,
    completedAt,
    ...(audit && { audit }),
    ...(failure && {
      failure: { ...failure, message: short(failure.message), ...(!details && { details: [] }) },
    }),
    ...(cancellation && { cancellation }),
    ...(callback && { callback }),
    truncated: create(TruncationSchema, {
      bytes: whole.length,
      sha256: createHash('sha256').update(whole).digest('hex'),
    }),
  });
}

function short(text: string): string {
  return text.length <= MAX_LISTED_TEXT ? text : '';
}
