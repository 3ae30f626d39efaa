import type { Agent, AgentId } from '@token-handshake/proto/agent';
import type { StigmerContext } from '../../context.ts';
import { refuseFolderAgent, requireAgent } from '../find-agent.ts';

/** Executions that were made before keep the agent's id; those that still have to run fail. */
export const deleteAgent =
  (context: StigmerContext) =>
  async ({ value }: AgentId): Promise<Agent> => {
    const stored = await requireAgent(context, value);
    refuseFolderAgent(stored);
    await context.storage.agents.remove(value);
    return stored.agent;
  };
