import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { finiteObject, plainValue } from './plain-json.ts';
import { toolCallsOf } from './tool-calls-of.ts';

/**
 * Replaces what JSON has not (NaN, the infinities, unset values) by `null`, wherever a runner may put free-form
 * values: such a status cannot be stored, nor sent as JSON. Changes its argument.
 */
export function makeEncodable({ status }: Pick<AgentExecution, 'status'>): void {
  if (!status) return;
  const { messages, subAgentExecutions } = status;
  for (const message of [...messages, ...subAgentExecutions]) {
    if (message.metadata) message.metadata = finiteObject(message.metadata);
  }
  if (status.failure) {
    status.failure.details = status.failure.details.map((value) => fromJson(ValueSchema, plainValue(value)));
  }
  for (const call of toolCallsOf(status)) {
    if (call.args) call.args = finiteObject(call.args);
    const component = call.componentMetadata;
    if (component?.metadata) component.metadata = finiteObject(component.metadata);
  }
}
