import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { toJsonValue } from '@token-handshake/proto';
import {
  type AgentExecution,
  AgentExecutionSchema,
  AgentExecutionStatusSchema,
  TruncationSchema,
} from '@token-handshake/proto/agentexecution';
import { boundReasons } from './bound-reasons.ts';
import { TRIM_STEPS } from './trim-steps.ts';

/** What a caller is given takes at most this many bytes of JSON; Temporal's own limit of a payload is 2 MiB. */
export const MAX_RESULT_BYTES = 1.5 * 1024 * 1024;

/**
 * Makes an execution small enough to be delivered, and says in `status.truncated` how large it was, with the digest
 * of its whole JSON form. The first to go are the results of tool calls, then the outputs of sub-agents, then messages
 * from the oldest, then what only describes the run, and at last the end of the output. Changes its argument; a second
 * time changes nothing.
 */
export function trim(execution: AgentExecution): void {
  const whole = encode(execution);
  const bytes = Buffer.byteLength(whole);
  const status = execution.status ?? create(AgentExecutionStatusSchema);
  const cut = boundReasons(status);
  if (!cut && bytes <= MAX_RESULT_BYTES) return;
  const sha256 = createHash('sha256').update(whole).digest('hex');
  execution.status = status;
  status.truncated = create(TruncationSchema, { bytes, sha256 });
  for (const step of TRIM_STEPS) {
    const excess = Buffer.byteLength(encode(execution)) - MAX_RESULT_BYTES;
    if (excess <= 0) return;
    step({ execution, status, excess });
  }
}

function encode(execution: AgentExecution): string {
  return JSON.stringify(toJsonValue(AgentExecutionSchema, execution));
}
