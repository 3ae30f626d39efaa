import { create } from '@bufbuild/protobuf';
import { proxyActivities } from '@temporalio/workflow';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '10s' });

/** A workflow that imports a package of this repository, and whose result is a message of the contract. */
export async function greetInMessage(name: string): Promise<AgentExecution> {
  return create(AgentExecutionSchema, { metadata: { name: await greet(name) } });
}
