import type { Agent } from '@token-handshake/proto/agent';
import type { ApiResourceReference } from '@token-handshake/proto/apiresource';
import { referencesFrom } from '../../agents/agent-reference.ts';
import type { StigmerContext } from '../../context.ts';
import { StigmerError } from '../../stigmer-error.ts';

export const getAgentByReference =
  ({ storage }: StigmerContext) =>
  async (reference: ApiResourceReference): Promise<Agent> => {
    for (const candidate of referencesFrom(reference)) {
      const stored = await storage.agents.findByReference(candidate);
      if (stored) return stored.agent;
    }
    const { org, slug } = reference;
    const place = org === '' ? '' : ` in organization "${org}"`;
    throw new StigmerError('AGENT_NOT_FOUND', `no agent is called "${slug}"${place}: see the list of agents`);
  };
