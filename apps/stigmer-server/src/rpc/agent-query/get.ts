import type { Agent, AgentId } from '@token-handshake/proto/agent';
import type { StigmerContext } from '../../context.ts';
import { requireAgent } from '../find-agent.ts';

export const getAgent =
  (context: StigmerContext) =>
  async ({ value }: AgentId): Promise<Agent> =>
    (await requireAgent(context, value)).agent;
