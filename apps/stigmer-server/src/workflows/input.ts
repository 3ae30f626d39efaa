import type { OnCallerGone } from '@token-handshake/core/workflow';

/** What the workflow says of the callback token in its first log line. The token itself is not in the input. */
export interface TokenFacts {
  readonly present: boolean;
  /** Bytes of the callback token; 0 without one. */
  readonly length: number;
  /** Empty without a token. */
  readonly fingerprint: string;
}

/** How the runner is treated. Fixed at the start, so that a changed configuration never changes a running workflow. */
export interface RunnerLimits {
  /** How often the agent is executed before its failure counts. */
  readonly maxAttempts: number;
  /** How often the run begins again because its runner was stopped or died. */
  readonly maxLosses: number;
  /** A runner that is silent for so long is taken for dead. */
  readonly heartbeatTimeoutMs: number;
  /** How long one attempt may take. */
  readonly runTimeoutMs: number;
  /** How long a runner may take to end a cancelled run. */
  readonly cancelGraceMs: number;
}

/** The first argument of the workflow: facts, no callback token and no result. The second is the runner's copy. */
export interface AgentExecutionInput {
  readonly executionId: string;
  readonly token: TokenFacts;
  readonly onCallerGone: OnCallerGone;
  readonly runner: RunnerLimits;
  /** An execution of the same session came before and had not ended at the start. Absent: it begins at once. */
  readonly waitsForTurn?: true;
  /** Where the runner takes runs from. Absent: the queue that agents share which name none. */
  readonly runnerQueue?: string;
  /** The thread of the run, where it is derived. Absent: the runner is asked. */
  readonly threadId?: string;
  /** Whether the agent has a model, which is asked by the embedded runner; then the thread is given. */
  readonly converses?: boolean;
  /** Proves to the server which run a runner is of. Absent: it has nothing to prove. */
  readonly runToken?: string;
  /** Whether the runner reads secret values itself. Absent: those with a model do. */
  readonly secretsByReference?: boolean;
  /** Whether the runner is given the details of the last heartbeat of the attempt before. Absent: it is not. */
  readonly resumesFromDetails?: boolean;
}

/** The result of the workflow; the execution itself is got from the API. */
export interface AgentExecutionResult {
  readonly executionId: string;
  readonly phase: 'completed';
  readonly verdict: string;
  readonly generation: number;
}
