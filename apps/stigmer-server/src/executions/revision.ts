import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
} from '@token-handshake/proto/agentexecution';

/** Hex digits of it that are shown. */
const SHOWN = 32;

/**
 * Writes into an execution, as clients see it, what names this state of it: a digest, so that every server that shows the
 * state calls it the same, whatever was restarted or restored in between.
 */
export function withRevision(
  visible: AgentExecution,
): AgentExecution & { readonly status: AgentExecutionStatus } {
  const status = visible.status ?? create(AgentExecutionStatusSchema);
  status.revision = '';
  const execution = Object.assign(visible, { status });
  const digest = createHash('sha256').update(toBinary(AgentExecutionSchema, execution)).digest('hex');
  status.revision = digest.slice(0, SHOWN);
  return execution;
}
