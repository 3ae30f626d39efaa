import { ApplicationFailure } from '@temporalio/common';
import type { SubAgent } from '@token-handshake/proto/agent';
import { type JSONSchema7, jsonSchema, type ToolSet, tool } from 'ai';
import type { FailureType } from '../failure-types.ts';
import type { AllowedServer, Role } from './role.ts';
import type { ToolScope, ToolServers } from './tool-servers.ts';

/** What the name of a tool stands for. */
export type NamedTool =
  | { readonly kind: 'tool'; readonly server: AllowedServer; readonly tool: string }
  | { readonly kind: 'task'; readonly subAgent: SubAgent };

/** The tools of a role: as the model sees them, and what they stand for. */
export interface RoleTools {
  readonly set: ToolSet;
  readonly named: ReadonlyMap<string, NamedTool>;
}

/** What providers take as the name of a tool. */
const MAX_NAME = 64;

/**
 * The tools that a role may call: the enabled ones of its servers, and a task for each sub-agent. A name that two servers
 * have gets the server's before it.
 */
export async function toolsOf(role: Role, servers: ToolServers, scope: ToolScope): Promise<RoleTools> {
  requireDistinct(role.servers.map(({ definition }) => definition.name));
  const found = await Promise.all(
    role.servers.map(async (server) => {
      const { tools } = await servers.use(server.definition, scope);
      return tools
        .filter(({ name }) => server.enabled?.has(name) ?? true)
        .map((description) => ({ server, description }));
    }),
  );
  const all = found.flat();
  const count = new Map<string, number>();
  for (const { description } of all) count.set(description.name, (count.get(description.name) ?? 0) + 1);
  const set: ToolSet = {};
  const named = new Map<string, NamedTool>();
  const unused = (name: string) => {
    let free = name;
    for (let number = 2; named.has(free); number += 1) free = `${name.slice(0, MAX_NAME - 4)}_${number}`;
    return free;
  };
  for (const { server, description } of all) {
    const shared = (count.get(description.name) ?? 0) > 1;
    const name = unused(
      toolName(shared ? `${server.definition.name}_${description.name}` : description.name),
    );
    named.set(name, { kind: 'tool', server, tool: description.name });
    set[name] = tool({
      description: description.description ?? '',
      inputSchema: jsonSchema(description.inputSchema as JSONSchema7),
    });
  }
  for (const subAgent of role.subAgents) {
    const name = unused(toolName(`ask_${subAgent.name}`));
    named.set(name, { kind: 'task', subAgent });
    set[name] = tool({
      description:
        `Gives a task to ${subAgent.name}, who knows nothing but what the task says. ${subAgent.description}`.trim(),
      inputSchema: jsonSchema({
        type: 'object',
        properties: { task: { type: 'string', description: 'what to do, with all that is needed for it' } },
        required: ['task'],
        additionalProperties: false,
      }),
    });
  }
  return { set, named };
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `the agent has two MCP servers that are named "${twice}": give each a name of its own`,
    'AgentNotRunnable' satisfies FailureType,
  );
}

function toolName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_NAME);
}
