import type { Session } from '@token-handshake/proto/session';
import type { Page, PageRequest } from '../storage/page.ts';

/** A session as it is kept. */
export interface StoredSession {
  /** With id, agent instance, thread and audit filled in. */
  readonly session: Session;
  readonly agentId: string;
  /** Who began it: it is theirs. */
  readonly principal: string;
  /** Whether it was made for an execution that named none, and nobody has described it since. Default: no. */
  readonly implicit?: boolean;
}

/** What a list shows. All conditions must hold. */
export interface SessionFilter {
  readonly principal?: string;
  readonly agentId?: string;
  /** Sessions that carry all of these. */
  readonly tags?: readonly string[];
}

/** Keeps sessions. */
export interface SessionStore {
  find(id: string): Promise<StoredSession | undefined>;
  /** Whether there was one with this id, which was removed. */
  wasRemoved(id: string): Promise<boolean>;
  /** The newest first. */
  list(filter: SessionFilter, page: PageRequest): Promise<Page<StoredSession>>;
  /** Writes a session by its id, new or known. Who began it stays. */
  put(stored: StoredSession, now: number): Promise<void>;
  /** Its id is never given again. Returns whether there was one. */
  remove(id: string, now: number): Promise<boolean>;
  /**
   * Forgets a session that has no execution any more, if it was made for one or was removed. For ids that clients cannot
   * begin a session with.
   */
  forget(id: string): Promise<void>;
}
