import type { ExecutionId } from '@token-handshake/core';
import type {
  AgentExecution,
  AgentExecutionStatus,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import type { ApiResourceMetadata } from '@token-handshake/proto/apiresource';
import type { Page, PageRequest } from '../storage/page.ts';

/** An execution as it is kept. Times are milliseconds since the epoch. */
export interface StoredExecution {
  /** Never with a callback token; secret values of `runtime_env` are empty. */
  readonly execution: AgentExecution;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when the status is final: it never changes again. */
  readonly finalAt?: number;
  /** Since when clients do not see it any more. */
  readonly deletedAt?: number;
}

/** What a list shows. All conditions must hold. */
export interface ExecutionFilter {
  readonly phase?: ExecutionPhase;
  readonly sessionId?: string;
  /** Executions that this principal made. */
  readonly principal?: string;
  /** Executions that carry all of these. */
  readonly tags?: readonly string[];
}

/** How far an execution is: what lists of waits show of it. */
export interface ExecutionProgress {
  readonly phase: ExecutionPhase;
  readonly hasFinal: boolean;
}

/** What {@link ExecutionStore.insert} takes. */
export interface NewExecution {
  /** With id and session id, without token; its secret values are taken out before it is kept. */
  readonly execution: AgentExecution;
  readonly now: number;
}

/** Keeps executions and their ends. */
export interface ExecutionStore {
  insert(execution: NewExecution): Promise<void>;
  find(id: ExecutionId): Promise<StoredExecution | undefined>;
  /** Whether the execution has its final; without reading it, since it may be large. */
  hasFinal(id: ExecutionId): Promise<boolean>;
  /** How far each of these executions is; without those that are not there. */
  progressOf(ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, ExecutionProgress>>;
  /** Secret values of the execution's environment, by name, decrypted: for its runner only. */
  secrets(id: ExecutionId): Promise<Readonly<Record<string, string>>>;
  /** Every execution of a session, with whether it has ended and whether it was deleted. */
  idsOfSession(
    sessionId: string,
  ): Promise<
    readonly { readonly id: ExecutionId; readonly hasFinal: boolean; readonly isDeleted: boolean }[]
  >;
  /** The executions of a session with what was said in each, the oldest first, without those that were deleted. */
  turns(sessionId: string, page: PageRequest): Promise<Page<AgentExecution>>;
  /** Whether an execution of the same session that was taken in before has no final yet. */
  waitsForTurn(id: ExecutionId): Promise<boolean>;
  /** Of the executions of the same session that have no final, the one that was taken in first. */
  nextInSession(id: ExecutionId): Promise<ExecutionId | undefined>;
  /**
   * The newest first, without those that were deleted. Large statuses come without their bodies, and say so in
   * `truncated`; large requests come with their texts cut.
   */
  list(filter: ExecutionFilter, page: PageRequest): Promise<Page<AgentExecution>>;
  /**
   * Changes the status of an execution that has no final; of any other nothing changes.
   *
   * @returns the execution after the change, `undefined` when there is none.
   */
  changeStatus(
    id: ExecutionId,
    change: (status: AgentExecutionStatus) => AgentExecutionStatus,
    now: number,
  ): Promise<StoredExecution | undefined>;
  /** Changes what describes an execution. Returns whether there is one. */
  changeMetadata(
    id: ExecutionId,
    change: (metadata: ApiResourceMetadata) => ApiResourceMetadata,
    now: number,
  ): Promise<boolean>;
  /**
   * Writes the end, once: only while there is none.
   *
   * @returns whether this one was written, and the execution as it is then; `undefined` when there is none.
   */
  storeFinal(
    id: ExecutionId,
    end: (status: AgentExecutionStatus) => AgentExecutionStatus,
    now: number,
  ): Promise<{ readonly stored: boolean; readonly execution: StoredExecution } | undefined>;
  /** Hides an execution from clients. */
  markDeleted(id: ExecutionId, now: number): Promise<void>;
  /** Forgets an execution. Returns the id of its session. */
  remove(id: ExecutionId): Promise<string | undefined>;
}
