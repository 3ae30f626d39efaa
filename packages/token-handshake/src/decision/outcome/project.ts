import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import { makeEncodable } from './make-encodable.ts';
import { makeExplicit } from './make-explicit.ts';
import { redact } from './redact.ts';
import { trim } from './trim.ts';

/**
 * An execution as its caller may see it: without tokens and secret values, small enough to be delivered, with the
 * reason of a failure and the answer of a completed run in fields of their own. The answer to `create` carries it.
 *
 * `project(project(x))` equals `project(x)`, also after a trip over the wire.
 */
export function project(execution: AgentExecution): AgentExecution {
  // Through the wire's own encoding, so that texts are what the other side would read.
  const copy = fromBinary(AgentExecutionSchema, toBinary(AgentExecutionSchema, execution), {
    readUnknownFields: false,
  });
  redact(copy);
  makeEncodable(copy);
  if (copy.status) makeExplicit(copy.status);
  trim(copy);
  return copy;
}
