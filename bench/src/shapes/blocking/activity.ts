import { type JsonValue, toJson } from '@bufbuild/protobuf';
import { createClient, type Transport } from '@connectrpc/connect';
import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { AgentQueryController } from '@token-handshake/proto/agent';
import {
  AgentExecutionCommandController,
  AgentExecutionQueryController,
  AgentExecutionSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { ApiResourceKind, ApiResourceOwnerScope } from '@token-handshake/proto/apiresource';
import { MESSAGE } from '../names.ts';

const POLL_MS = 1_000;
const RPC_TIMEOUT_MS = 10_000;

/** The agent of `definitions/agents`. */
const AGENT = 'immediate';

/** The activity: the same look-up and `create` as the handshake's, without a token. */
export function blockingActivities(transport: Transport) {
  const agents = createClient(AgentQueryController, transport);
  const commands = createClient(AgentExecutionCommandController, transport);
  const queries = createClient(AgentExecutionQueryController, transport);
  return {
    async pollAgent(): Promise<JsonValue> {
      const options = () => ({ signal: cancellationSignal(), timeoutMs: RPC_TIMEOUT_MS });
      const reference = { scope: ApiResourceOwnerScope.platform, kind: ApiResourceKind.agent, slug: AGENT };
      const agent = await agents.getByReference(reference, options());
      let execution = await commands.create(
        { metadata: { name: 'bench' }, spec: { agentId: agent.metadata?.id ?? '', message: MESSAGE } },
        options(),
      );
      const id = { value: execution.metadata?.id ?? '' };
      while ((execution.status?.phase ?? 0) < ExecutionPhase.EXECUTION_COMPLETED) {
        await sleep(POLL_MS);
        heartbeat();
        execution = await queries.get(id, options());
      }
      if (execution.status?.phase !== ExecutionPhase.EXECUTION_COMPLETED) {
        throw new Error(`expected the agent to answer, but it ended with "${execution.status?.error ?? ''}"`);
      }
      return toJson(AgentExecutionSchema, execution);
    },
  };
}
