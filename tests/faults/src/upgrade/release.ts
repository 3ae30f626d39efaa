import type { RecordedWorkflow } from '@token-handshake/test-kit/workers';

/** How a recorded call was left, and so how it has to go on. */
export type RecordedState =
  /** A runner that outlives both services has the run, and reports its end by the token of its own activity. */
  | { readonly kind: 'with a runner'; readonly runToken: string }
  /** Nobody has the run any more, or nobody took it yet: it is for the runner of today. */
  | { readonly kind: 'without a runner' }
  /** The run has ended and the caller does not know. */
  | { readonly kind: 'ended'; readonly end: RunEnd }
  /** Cancelled by the API, and the runner has not stopped. */
  | { readonly kind: 'being cancelled'; readonly reason: string };

/** What a runner says. */
export type RunEnd =
  | { readonly output: string }
  | { readonly failure: { readonly type: string; readonly message: string } };

/** One call that waits in the recording. */
export interface RecordedCall {
  /** The message to the agent. */
  readonly name: string;
  /** The caller's workflow; absent for an execution that was created without a token. */
  readonly workflowId?: string;
  readonly executionId: string;
  readonly state: RecordedState;
}

/** What a release left behind, beside the files of its system. */
export interface RecordedRelease {
  readonly release: string;
  /** Migrations that its database has. */
  readonly migrations: readonly string[];
  readonly calls: readonly RecordedCall[];
  /** Executions of calls that were answered before. */
  readonly answeredBefore: readonly string[];
}

/** Histories of the open workflows of both services, in the JSON of Temporal's own tools. */
export interface RecordedHistories {
  readonly callers: readonly RecordedWorkflow[];
  readonly callees: readonly RecordedWorkflow[];
}

/** Where all of it lies below the folder of a recording. */
export const RECORDING = {
  /** Temporal's database. */
  temporal: 'temporal.db',
  /** The folder of `startSystem`. */
  system: 'system',
  /** {@link RecordedRelease} */
  release: 'release.json',
  /** {@link RecordedHistories} */
  histories: 'histories.json',
} as const;
