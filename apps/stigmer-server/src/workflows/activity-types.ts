import type { AgentExecution, AgentExecutionStatus } from '@token-handshake/proto/agentexecution';
import type { RunEnd, StoredEnd } from './run-end.ts';

/** Activities of the server's own worker, called as local ones. */
export interface StoreActivities {
  /**
   * The runner's copy of an execution: without our additions and without token, with its secret values unless the runner
   * reads them itself. `null` when
   * nothing is to be run: it has ended already, or was cancelled before it began.
   */
  loadForRunner(executionId: string, secretsByReference: boolean): Promise<AgentExecution | null>;
  /** Whether the executions of its session that came before have ended. */
  hasTurn(executionId: string): Promise<boolean>;
  /** Whether the execution has its final. */
  hasFinal(executionId: string): Promise<boolean>;
  /**
   * Stores the end of a run as the execution's final, unless there is one; returns the one that stands, and whether the
   * caller has it already.
   */
  storeFinal(executionId: string, end: RunEnd, status?: AgentExecutionStatus): Promise<StoredEnd>;
  /** Writes that the run was cancelled from Temporal's side, unless a cancel is written already. */
  recordOperatorCancel(executionId: string): Promise<void>;
}

/** Activities of the runner, in any language. */
export interface RunnerActivities {
  /** Not asked where threads are derived. */
  EnsureThread(sessionId: string, agentId: string): Promise<string>;
  /**
   * @param runToken only for runners that end a run by `updateStatus` or read secrets by it; else empty or left out
   * @param resumedFrom only for runners that go on from there, in further attempts: the details of the last heartbeat that
   *   is known
   */
  ExecuteGraphton(
    execution: AgentExecution,
    threadId: string,
    runToken?: string,
    resumedFrom?: unknown,
  ): Promise<AgentExecutionStatus>;
}
