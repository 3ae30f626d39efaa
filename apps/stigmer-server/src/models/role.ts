import { ApplicationFailure } from '@temporalio/common';
import { executionId as toExecutionId } from '@token-handshake/core';
import type { McpServerDefinition, ModelRuntime, SubAgent } from '@token-handshake/proto/agent';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { requireAllowed } from '../agents/require-allowed.ts';
import type { StigmerContext } from '../context.ts';
import type { FailureType } from '../failure-types.ts';
import type { Speaker } from '../workflows/conversation-types.ts';
import { Environment } from './environment.ts';

/** A server of tools, and which of them may be called. */
export interface AllowedServer {
  readonly definition: McpServerDefinition;
  /** Absent: all. */
  readonly enabled?: ReadonlySet<string>;
}

/** Who speaks: what it was told, and what it may call. */
export interface Role {
  readonly execution: AgentExecution;
  readonly runtime: ModelRuntime;
  readonly modelName: string;
  readonly temperature: number | undefined;
  readonly instructions: string;
  readonly servers: readonly AllowedServer[];
  readonly subAgents: readonly SubAgent[];
  readonly environment: Environment;
  readonly folder: string | undefined;
}

/**
 * Finds out who a speaker is, by the agent's definition as it is now.
 *
 * @throws ApplicationFailure `AgentNotRunnable`, `ExecutionMissing`, both non-retryable
 */
export async function roleOf(
  { storage, config }: Pick<StigmerContext, 'storage' | 'config'>,
  { executionId, subAgent }: Speaker,
): Promise<Role> {
  const id = toExecutionId(executionId);
  const execution = (await storage.executions.find(id))?.execution;
  if (execution === undefined)
    throw final('ExecutionMissing', `expected execution "${executionId}" in the database`);
  const agentId = execution.spec?.agentId ?? '';
  const stored = await storage.agents.find(agentId);
  const runtime = stored?.agent.spec?.runtime?.kind;
  if (stored === undefined || runtime?.case !== 'model') {
    throw final(
      'AgentNotRunnable',
      `the agent "${agentId}" is not known any more, or names no model any more`,
    );
  }
  requireAllowed(stored, config);
  const { instructions = '', mcpServers = [], subAgents = [] } = stored.agent.spec ?? {};
  const { modelName, temperature } = execution.spec?.executionConfig ?? {};
  const own = mcpServers.map((definition) => allowed(definition, definition.enabledTools));
  const secrets = await storage.executions.secrets(id);
  const values = Object.fromEntries(
    Object.entries(execution.spec?.runtimeEnv ?? {}).map(([name, { value }]) => [
      name,
      secrets[name] ?? value,
    ]),
  );
  const common = {
    execution,
    runtime: runtime.value,
    modelName: modelName || runtime.value.model,
    temperature: temperature ?? runtime.value.temperature,
    environment: new Environment({ values, secrets: Object.values(secrets) }, process.env),
    folder: stored.folder,
  };
  if (subAgent === undefined) return { ...common, instructions, servers: own, subAgents };
  const role = subAgents.find(({ name }) => name === subAgent);
  if (role === undefined)
    throw final('AgentNotRunnable', `the agent has no sub-agent "${subAgent}" any more`);
  return { ...common, instructions: role.instructions, servers: serversOf(role, own), subAgents: [] };
}

/** Of the agent's servers those that the sub-agent names, and of their tools those that both allow. */
function serversOf(
  { mcpServers, mcpToolSelections }: SubAgent,
  own: readonly AllowedServer[],
): AllowedServer[] {
  return own
    .filter(({ definition }) => mcpServers.includes(definition.name))
    .map((server) => {
      const selected = mcpToolSelections[server.definition.name]?.enabledTools ?? [];
      if (selected.length === 0) return server;
      const { definition, enabled } = server;
      return { definition, enabled: new Set(selected.filter((tool) => enabled?.has(tool) ?? true)) };
    });
}

function allowed(definition: McpServerDefinition, tools: readonly string[]): AllowedServer {
  return tools.length === 0 ? { definition } : { definition, enabled: new Set(tools) };
}

function final(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
