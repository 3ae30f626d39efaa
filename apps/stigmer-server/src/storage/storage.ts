import type { ExecutionId } from '@token-handshake/core';
import type { Ledger } from '@token-handshake/core/callee';
import type { AgentStore } from '../agents/agent-store.ts';
import type { ExecutionStore } from '../executions/execution-store.ts';
import type { ConversationStore } from '../models/conversation-store.ts';
import type { SessionStore } from '../sessions/session-store.ts';

/** The stores that one transaction can change together. */
export interface Stores {
  readonly agents: AgentStore;
  readonly conversations: ConversationStore;
  readonly executions: ExecutionStore;
  readonly ledger: Ledger;
  readonly sessions: SessionStore;
}

/** Everything that the server keeps. */
export interface Storage extends Stores {
  /**
   * Commits all changes that `work` makes through the stores it is given, or none. It does nothing but that: no
   * network, no other store, no waiting, since everybody else waits for it.
   */
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** When the calls began whose callers wait, in milliseconds since the epoch. */
  openCallsBegunAt(): Promise<readonly number[]>;
  /**
   * Executions without a final for whose end nobody waits, since their call is closed: those that the sweep never saw
   * first, then those that are due by `now`.
   */
  closedWithoutEnd(now: number, limit: number): Promise<readonly ExecutionId[]>;
  /**
   * Executions that have ended and for which nobody can come back, that were deleted, or ended before `endedBefore` if
   * that is given; those that ended first in front. Nobody can come back when the call is closed, and it has no id, or
   * its deadline, or else its end, was before `before`.
   */
  forgettable(request: {
    readonly before: number;
    readonly endedBefore?: number | undefined;
    readonly limit: number;
  }): Promise<readonly ExecutionId[]>;
  /** Writes a consistent copy to a file that does not exist yet, while the server works. */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}
