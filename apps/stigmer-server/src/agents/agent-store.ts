import type { Agent } from '@token-handshake/proto/agent';
import type { Page, PageRequest } from '../storage/page.ts';

/** Where a definition came from: the operator's folder, or a client of the API. */
export type AgentSource = 'file' | 'api';

/** An agent as it is kept. */
export interface StoredAgent {
  /** With its id, slug and audit filled in. */
  readonly agent: Agent;
  readonly source: AgentSource;
  /** The folder of the definition's file, absolute; only for the operator's own. */
  readonly folder?: string;
}

/** What identifies an agent for people: unique in a store. Platform agents belong to no organization. */
export interface AgentReference {
  readonly scope: 'platform' | 'organization' | 'account';
  /** Empty for platform agents. */
  readonly org: string;
  readonly slug: string;
}

/** Keeps agents. */
export interface AgentStore {
  find(id: string): Promise<StoredAgent | undefined>;
  findByReference(reference: AgentReference): Promise<StoredAgent | undefined>;
  /** In the order in which they were made. */
  list(page: PageRequest): Promise<Page<StoredAgent>>;
  /** All agents of one source. */
  listBySource(source: AgentSource): Promise<readonly StoredAgent[]>;
  /** Writes an agent by its id, new or known. */
  put(stored: StoredAgent): Promise<void>;
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>;
}
