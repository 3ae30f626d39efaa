import { create } from '@bufbuild/protobuf';
import type { HandlerContext } from '@connectrpc/connect';
import { type Agent, AgentSchema } from '@token-handshake/proto/agent';
import type { ApiResourceReference } from '@token-handshake/proto/apiresource';
import { accessOf } from '@token-handshake/service-kit';
import { referencesFrom } from '../../agents/agent-reference.ts';
import type { StigmerContext } from '../../context.ts';
import { StigmerError } from '../../stigmer-error.ts';

export const getAgentByReference =
  ({ storage }: StigmerContext) =>
  async (reference: ApiResourceReference, { values }: HandlerContext): Promise<Agent> => {
    for (const candidate of referencesFrom(reference)) {
      const stored = await storage.agents.findByReference(candidate);
      if (stored) return accessOf(values).reach === 'all' ? stored.agent : named(stored.agent);
    }
    const { org, slug } = reference;
    const place = org === '' ? '' : ` in organization "${org}"`;
    throw new StigmerError('AGENT_NOT_FOUND', `no agent is called "${slug}"${place}: see the list of agents`);
  };

/** What anonymous callers need to call an agent: its id and names. How it is made is nobody else's business. */
function named({ apiVersion, kind, metadata }: Agent): Agent {
  return create(AgentSchema, { apiVersion, kind, ...(metadata && { metadata }) });
}
