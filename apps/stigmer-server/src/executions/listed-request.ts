import { toBinary } from '@bufbuild/protobuf';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';

/** Requests up to this size are listed as they are. */
const MAX_LISTED_BYTES = 8 * 1024;
/** How much of a long text a list shows. */
const MAX_LISTED_TEXT = 2 * 1024;

/**
 * What was asked, as lists show it: in a large request long texts are cut, which an ellipsis at their end tells, and
 * long values of `runtime_env` are left out. The whole is got by id. Changes the execution that it is given.
 */
export function listedRequest(execution: AgentExecution): AgentExecution {
  const { spec } = execution;
  if (!spec || toBinary(AgentExecutionSchema, execution).length <= MAX_LISTED_BYTES) return execution;
  spec.message = cut(spec.message);
  for (const entry of Object.values(spec.runtimeEnv)) {
    if (entry.value.length > MAX_LISTED_TEXT) entry.value = '';
  }
  if (toBinary(AgentExecutionSchema, execution).length > 2 * MAX_LISTED_BYTES) spec.runtimeEnv = {};
  return execution;
}

function cut(text: string): string {
  // Never half a character: what is left of one is no text any more.
  return text.length <= MAX_LISTED_TEXT ? text : `${text.slice(0, MAX_LISTED_TEXT).toWellFormed()}…`;
}
