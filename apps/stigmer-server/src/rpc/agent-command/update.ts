import type { Agent } from '@token-handshake/proto/agent';
import type { StigmerContext } from '../../context.ts';
import { saveAgent } from '../save-agent.ts';

export const updateAgent = (context: StigmerContext) => (agent: Agent) => saveAgent(context, agent, 'update');
