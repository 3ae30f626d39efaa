import type { StoredAgent } from '../agents/agent-store.ts';
import type { StigmerContext } from '../context.ts';
import { StigmerError } from '../stigmer-error.ts';

/** @throws StigmerError `AGENT_NOT_FOUND` */
export async function requireAgent({ storage }: StigmerContext, id: string): Promise<StoredAgent> {
  const stored = await storage.agents.find(id);
  if (stored) return stored;
  throw new StigmerError('AGENT_NOT_FOUND', `no agent has the id "${id}"`);
}

/** @throws StigmerError `AGENT_OF_FOLDER` */
export function refuseFolderAgent({ agent, source }: StoredAgent): void {
  if (source === 'api') return;
  throw new StigmerError(
    'AGENT_OF_FOLDER',
    `the agent "${agent.metadata?.slug}" is defined in the operator's folder: change its file and send SIGHUP`,
  );
}
