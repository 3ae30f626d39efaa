import type { Agent } from '@token-handshake/proto/agent';
import { referenceOf } from '../agents/agent-reference.ts';
import { normalizedAgent, runsProgram } from '../agents/agent-rules.ts';
import type { AgentStore, StoredAgent } from '../agents/agent-store.ts';
import type { StigmerContext } from '../context.ts';
import { newAgentId } from '../ids.ts';
import { StigmerError } from '../stigmer-error.ts';
import { refuseFolderAgent } from './find-agent.ts';

/** Which agents a method may write. */
export type SaveMode = 'create' | 'update' | 'apply';

/**
 * Writes a client's definition, in one transaction with looking for the agent it may replace: the one of its id, or
 * of its scope, organization and slug.
 *
 * @throws StigmerError `AGENT_INVALID`, `AGENT_EXISTS`, `AGENT_NOT_FOUND`, `AGENT_OF_FOLDER`, `COMMAND_AGENT_REFUSED`
 */
export async function saveAgent(context: StigmerContext, given: Agent, mode: SaveMode): Promise<Agent> {
  if (runsProgram(given) && !context.config.agents.allowCommandsByApi) {
    throw new StigmerError(
      'COMMAND_AGENT_REFUSED',
      'an agent that runs a program or asks a model must be defined in the operator’s folder (AGENTS_DIR), ' +
        'unless ALLOW_COMMAND_AGENTS_BY_API is set',
    );
  }
  const now = context.clock.now();
  const candidate = normalizedAgent(given, '', undefined, now);
  return context.storage.transaction(async ({ agents }) => {
    const known = await knownAgent(agents, given, candidate);
    refuse(mode, known, candidate);
    const agent = normalizedAgent(given, known?.agent.metadata?.id ?? newAgentId(), known?.agent, now);
    await refuseTakenReference(agents, agent);
    await agents.put({ agent, source: 'api' });
    return agent;
  });
}

async function knownAgent(
  agents: AgentStore,
  given: Agent,
  candidate: Agent,
): Promise<StoredAgent | undefined> {
  const byId = given.metadata?.id ? await agents.find(given.metadata.id) : undefined;
  return byId ?? agents.findByReference(referenceOf(candidate));
}

function refuse(mode: SaveMode, known: StoredAgent | undefined, candidate: Agent): void {
  const slug = candidate.metadata?.slug;
  if (known && mode === 'create') {
    throw new StigmerError(
      'AGENT_EXISTS',
      `an agent "${slug}" exists already: use apply or update to change it`,
    );
  }
  if (!known && mode === 'update') {
    throw new StigmerError('AGENT_NOT_FOUND', `there is no agent "${slug}" to update: use apply or create`);
  }
  if (known) refuseFolderAgent(known);
}

/** An update may give an agent another slug, but not that of a third one. */
async function refuseTakenReference(agents: AgentStore, agent: Agent): Promise<void> {
  const other = await agents.findByReference(referenceOf(agent));
  if (other === undefined || other.agent.metadata?.id === agent.metadata?.id) return;
  throw new StigmerError('AGENT_EXISTS', `another agent is called "${agent.metadata?.slug}" already`);
}
