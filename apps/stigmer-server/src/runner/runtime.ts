import type { RunEnd } from './run-failure.ts';

/** One run of an agent. */
export interface RunRequest {
  readonly executionId: string;
  readonly threadId: string;
  /** What the agent is asked. */
  readonly message: string;
  /** The execution's environment, secret values included. */
  readonly environment: Readonly<Record<string, string>>;
  /** The last progress of an attempt that was lost; absent in a first one. */
  readonly resumedFrom?: string;
  /** The folder of the agent's definition; absent for one that came by the API. */
  readonly folder?: string;
}

/** What a run is given to speak to the outside. */
export interface RunContext {
  /** Ends the run: it stops all that it started, then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Says in a line for people what is going on. */
  readonly progress: (line: string) => void;
}

/** A way to execute agents. */
export type Runtime = (request: RunRequest, context: RunContext) => Promise<RunEnd>;
