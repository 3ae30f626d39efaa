import type { JsonValue } from '@token-handshake/core';
import type { Position } from './problem.ts';

/**
 * A value of the document as it is written. Strings that are expressions are evaluated when the task runs, at any
 * depth; everything else stands for itself.
 */
export type Template = JsonValue;

/** What every task has. */
export interface TaskHead {
  readonly name: string;
  /** Where the task is written, for messages. */
  readonly at: Position;
  /** An expression; the task runs when it gives neither `false` nor `null`. Absent: it runs. */
  readonly condition?: string;
  /** Shapes the task's result into its output. Absent: the output is the result. */
  readonly outputAs?: Template;
  /** Replaces the workflow's context. Absent: the context stays. */
  readonly exportAs?: Template;
}

/** Runs tasks one after another; its result is the last one's output. */
export interface DoTask extends TaskHead {
  readonly kind: 'do';
  readonly tasks: readonly Task[];
}

/** Stores values; its result is what was stored. */
export interface SetTask extends TaskHead {
  readonly kind: 'set';
  readonly values: Template;
}

/** Hands a message to an agent of another service and waits for its answer; its result is the final execution. */
export interface CallAgentTask extends TaskHead {
  readonly kind: 'call-agent';
  /** The task's `with`; what it must hold once evaluated is said by `AgentCall`. */
  readonly with: Template;
}

/** One step of a workflow. */
export type Task = DoTask | SetTask | CallAgentTask;
