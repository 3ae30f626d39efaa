import type { ProcessName } from '../processes/process-names.ts';

/** Every shape, in the order of a round. */
export const shapeNames = ['limit', 'handshake', 'nexus', 'child', 'signal', 'naive', 'blocking'] as const;

/** One of {@link shapeNames}. */
export type ShapeName = (typeof shapeNames)[number];

/** All shapes but the product. */
export type AlternativeName = Exclude<ShapeName, 'handshake'>;

/** A way to wait for an answer, as a workflow to start. */
export interface Shape {
  readonly name: ShapeName;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly args: readonly unknown[];
  /** Who takes part, beside the Temporal server. What the other processes do meanwhile is no cost of this shape. */
  readonly processes: readonly ProcessName[];
  /** The id of the callee's workflow; undefined where no workflow is called. */
  calleeOf(callerId: string, result: unknown): string | undefined;
}
/** The workflow of an execution has the execution's id. */
export function executionIdOf(result: unknown): string {
  const id = (result as { metadata?: { id?: unknown } } | null)?.metadata?.id;
  if (typeof id !== 'string')
    throw new Error(`expected the execution as the result, got ${JSON.stringify(result)}`);
  return id;
}
