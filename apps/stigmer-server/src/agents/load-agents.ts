import { referenceOf } from './agent-reference.ts';
import { normalizedAgent } from './agent-rules.ts';
import type { AgentStore, StoredAgent } from './agent-store.ts';
import { type AgentFile, readAgents } from './read-agents.ts';

/** What {@link loadAgents} needs. */
export interface LoadAgentsOptions {
  readonly dir: string;
  /** Runs the changes as one: all of them are kept, or none. */
  readonly transaction: <T>(work: (stores: { readonly agents: AgentStore }) => Promise<T>) => Promise<T>;
  readonly newId: () => string;
  readonly now: number;
}

/** What became of the agents of the folder. */
export interface LoadedAgents {
  readonly total: number;
  /** Slugs of agents that the folder has no more. */
  readonly removed: readonly string[];
  /** Slugs of agents that a client had defined, and that the folder defines now. */
  readonly taken: readonly string[];
}

/**
 * Makes the stored agents of the folder equal to the folder: new ones added, known ones updated under their id,
 * missing ones removed. Agents of the API stay, unless the folder has one of the same reference.
 *
 * @throws AgentFilesError when a definition cannot be used; nothing is changed then
 */
export async function loadAgents(options: LoadAgentsOptions): Promise<LoadedAgents> {
  const files = await readAgents(options.dir);
  return options.transaction(async ({ agents }) => {
    const kept = new Set<string>();
    const taken: string[] = [];
    for (const file of files) {
      const { id, known } = await place(agents, file, options);
      kept.add(id);
      if (known?.source === 'api') taken.push(slug(known));
    }
    const removed: string[] = [];
    for (const stored of await agents.listBySource('file')) {
      const id = stored.agent.metadata?.id ?? '';
      if (kept.has(id)) continue;
      await agents.remove(id);
      removed.push(slug(stored));
    }
    return { total: files.length, removed, taken };
  });
}

async function place(
  agents: AgentStore,
  { agent, folder }: AgentFile,
  { newId, now }: LoadAgentsOptions,
): Promise<{ id: string; known: StoredAgent | undefined }> {
  const candidate = normalizedAgent(agent, '', undefined, now);
  const known = await agents.findByReference(referenceOf(candidate));
  const id = known?.agent.metadata?.id ?? newId();
  await agents.put({ agent: normalizedAgent(agent, id, known?.agent, now), source: 'file', folder });
  return { id, known };
}

function slug({ agent }: StoredAgent): string {
  return agent.metadata?.slug ?? '';
}
