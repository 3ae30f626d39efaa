import type { AgentInstance, AgentInstanceId } from '@token-handshake/proto/agentinstance';
import type { StigmerContext } from '../../context.ts';
import { instanceOf } from '../../sessions/agent-instance.ts';
import { agentIdOfInstance } from '../../sessions/instance-id.ts';
import { StigmerError } from '../../stigmer-error.ts';

/** @throws StigmerError `INSTANCE_NOT_FOUND` */
export const getAgentInstance =
  ({ storage }: StigmerContext) =>
  async ({ value }: AgentInstanceId): Promise<AgentInstance> => {
    const agentId = agentIdOfInstance(value);
    const stored = agentId && (await storage.agents.find(agentId));
    if (stored) return instanceOf(stored.agent);
    throw new StigmerError('INSTANCE_NOT_FOUND', `no agent instance has the id "${value}"`);
  };
