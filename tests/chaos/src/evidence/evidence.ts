import type { AgentAnswer, RunnerKind } from '../agent/journal.ts';
import type { CallerEnd, TextFacts } from '../calls/caller-end.ts';
import type { Intervention } from '../plan/call-plan.ts';

/** One run of an agent, by its own word. */
export interface AgentRun {
  readonly run: number;
  readonly runner: RunnerKind;
  readonly pid: number;
  readonly executionId: string;
  readonly knowsSecret: boolean;
  /** Milliseconds since the epoch, as all times here. */
  readonly beganAt: number;
  /** When it gave its answer. */
  readonly endedAt?: number;
  /** Absent when it was ended from outside, or went on beyond the end of the test. */
  readonly answer?: AgentAnswer;
}

/** How one attempt of the runner's activity ended, as the callee's history tells it. */
export type RunnerAttempt =
  /** It sent no heartbeat any more, or said that it was being stopped. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'completed' }
  | { readonly kind: 'cancelled' }
  /** It has not ended. */
  | { readonly kind: 'open' };

/** The end that Stigmer stored. */
export type StoredFinal =
  | { readonly kind: 'completed'; readonly answer: TextFacts }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string }
  | { readonly kind: 'cancelled'; readonly cause: string };

/** An execution as Stigmer's database and its workflow tell it. */
export interface ExecutionEvidence {
  readonly id: string;
  readonly final?: StoredFinal;
  /** The ledger's row; absent when there is none. */
  readonly row?: {
    readonly state: string;
    readonly verdict: string | null;
    readonly generation: number;
    /** When a cancel was written, if one was. */
    readonly cancelAt?: number;
  };
  /** The workflow's status, such as COMPLETED; `NOT_FOUND` when Temporal does not know it. */
  readonly workflow: string;
  /** How the attempts of the runner ended; read where there was more than one run. */
  readonly attempts?: readonly RunnerAttempt[];
}

/** All that is known of a call at the end, from three places that know nothing of each other. */
export interface CallEvidence {
  readonly key: string;
  readonly profile: string;
  /** Whether the caller had less time than its agent needed. */
  readonly hurried: boolean;
  /** The intervention that took place, if one did. */
  readonly intervened?: Intervention;
  /** Absent while it waits. */
  readonly caller?: CallerEnd;
  readonly runs: readonly AgentRun[];
  readonly executions: readonly ExecutionEvidence[];
}
