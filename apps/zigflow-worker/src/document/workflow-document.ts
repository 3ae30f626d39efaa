import type { Task } from './task.ts';

/** One workflow, read and checked. Plain JSON: a running workflow keeps its copy in its history. */
export interface WorkflowDocument {
  /** The file it was read from, as it was named. */
  readonly file: string;
  /** The type that starts it. */
  readonly workflowType: string;
  readonly taskQueue: string;
  /** The document's own version, as its author counts. */
  readonly version: string;
  readonly tasks: readonly Task[];
}
