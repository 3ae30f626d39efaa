import type { LedgerDatabase } from '@token-handshake/core/callee';
import type { Generated } from 'kysely';
import type { AgentSource } from '../agents/agent-store.ts';

/** One agent. Its definition is an encoded `Agent`; the other columns are what it is found by. */
export interface AgentsTable {
  id: string;
  scope: 'platform' | 'organization' | 'account';
  org: string;
  slug: string;
  source: AgentSource;
  folder: string | null;
  definition: Uint8Array;
}

/**
 * One execution. Times are milliseconds since the epoch.
 *
 * No callback token is in any column: tokens are kept, sealed, in the ledger's `bindings`.
 */
export interface ExecutionsTable {
  id: string;
  /** As the client calls it; not unique. */
  name: string;
  session_id: string;
  agent_id: string;
  /** The phase that is shown, as a number of `ExecutionPhase`. */
  phase: number;
  created_at: number;
  updated_at: number;
  /** Set with the final status, once. */
  final_at: number | null;
  /** Set when a client deleted it: hidden since then, kept while somebody may still collect its end. */
  deleted_at: number | null;
  /** An encoded `AgentExecution` without status, token and secret values. */
  request: Uint8Array;
  /** Encrypted secret values of `runtime_env`, if there are any. */
  secrets: Uint8Array | null;
  /** An encoded `AgentExecutionStatus`. */
  status: Uint8Array;
  /** The status as lists show it: without its bodies when it is large. */
  listed_status: Uint8Array;
}

/** Tags of executions, for the filter of lists. */
export interface ExecutionTagsTable {
  execution_id: string;
  tag: string;
}

/** One session. Its definition is an encoded `Session`. */
export interface SessionsTable {
  id: string;
  /** Who began it. */
  principal: string;
  agent_id: string;
  created_at: number;
  updated_at: number;
  /** Set when it was deleted: its id is never given again, since its thread is made of it. */
  deleted_at: number | null;
  /** 1: made for an execution that named none, and not described since. */
  implicit: Generated<number>;
  definition: Uint8Array;
}

/** Tags of sessions, for the filter of lists. */
export interface SessionTagsTable {
  session_id: string;
  tag: string;
}

/** Something that was said in an execution whose agent has a model. */
export interface ConversationTurnsTable {
  conversation: string;
  execution_id: string;
  /** 0: what the agent was asked. */
  step: number;
  /** Of the tool call that this answers; else empty. */
  call_id: string;
  /** JSON of a `TurnContent`. */
  content: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** 1 once the execution has ended well: then it belongs to what its conversation remembers. */
  kept: number;
}

/** Every table of the server, the ledger's among them. */
export interface ServerDatabase extends LedgerDatabase {
  agents: AgentsTable;
  executions: ExecutionsTable;
  execution_tags: ExecutionTagsTable;
  sessions: SessionsTable;
  session_tags: SessionTagsTable;
  conversation_turns: ConversationTurnsTable;
}
