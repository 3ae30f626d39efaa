import { proxySinks, type Sinks } from '@temporalio/workflow';

/** What the interpreter says about a task, once for each time that it happens; not again during replay. */
export interface TaskEvent {
  /** Names of the task and of the `do` tasks around it, such as `prepare/summarize`. */
  readonly task: string;
  readonly kind: string;
  /** `calling`: a call was evaluated, and goes out to its agent. */
  readonly state: 'started' | 'calling' | 'skipped' | 'completed' | 'failed';
  /** The agent that is being called. */
  readonly agent?: string;
  /** How long the task took, by the workflow's clock, once it has ended. */
  readonly elapsedMs?: number;
  /** The failure's type and message. */
  readonly failure?: { readonly type: string; readonly message: string };
}

/** Where the interpreter's progress goes: logs, metrics, the command line. */
export interface ProgressSinks extends Sinks {
  readonly progress: { task(event: TaskEvent): void };
}

/** The worker's end is `progressSinks`. */
export const { progress } = proxySinks<ProgressSinks>();
