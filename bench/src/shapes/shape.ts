/** Every shape, in the order of a round. */
export const shapeNames = ['limit', 'handshake', 'blocking'] as const;

/** One of {@link shapeNames}. */
export type ShapeName = (typeof shapeNames)[number];

/** The queue of the worker for the bench's own shapes. */
export const BENCH_TASK_QUEUE = 'bench';

/** The agent of `definitions/agents`. */
export const AGENT = 'immediate';

/** A way to wait for an answer, as a workflow to start. */
export interface Shape {
  readonly name: ShapeName;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly args: readonly unknown[];
  /** The id of the callee's workflow, by the caller's result; undefined where no workflow is called. */
  calleeOf(result: unknown): string | undefined;
}

/** The workflow of an execution has the execution's id. */
export function executionIdOf(result: unknown): string {
  const id = (result as { metadata?: { id?: unknown } } | null)?.metadata?.id;
  if (typeof id !== 'string')
    throw new Error(`expected the execution as the result, got ${JSON.stringify(result)}`);
  return id;
}
