import { executionIdOf } from '../shapes/shape.ts';
import { distribution } from '../statistics.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { NewCalls } from './scale-results.ts';
import type { ScaleSystem } from './scale-system.ts';

/** The workflow of `definitions/scale`. */
export const CALLER = { workflowType: 'scale', taskQueue: 'zigflow' } as const;

/** Above every time-out of one call's parts, so that it ends in any case. */
const LONGEST_CALL_MS = 90_000;

/**
 * Makes calls whose agents answer at once, one after the other, and times them from the request that starts the
 * caller's workflow to its result. Outside of that time it waits until the callee's workflow has closed as well.
 *
 * @throws the system's signal's reason
 */
export async function measureNewCalls(system: ScaleSystem, calls: number): Promise<NewCalls> {
  const samplesMs: number[] = [];
  const failures = new Set<string>();
  for (let i = 0; i < calls; i += 1) {
    try {
      samplesMs.push(await newCall(system));
    } catch (error) {
      system.signal.throwIfAborted();
      failures.add(messageOf(error));
    }
  }
  return {
    calls,
    failed: calls - samplesMs.length,
    failures: [...failures],
    wallMs: distribution(samplesMs),
    samplesMs,
  };
}

async function newCall({ client: { workflow }, signal }: ScaleSystem): Promise<number> {
  const startedAt = performance.now();
  const result: unknown = await unlessAborted(
    signal,
    workflow.execute(CALLER.workflowType, {
      taskQueue: CALLER.taskQueue,
      workflowId: `new-${crypto.randomUUID()}`,
      args: [{ message: 'Answer.' }],
      workflowExecutionTimeout: LONGEST_CALL_MS,
    }),
  );
  const ms = performance.now() - startedAt;
  await unlessAborted(signal, workflow.getHandle(executionIdOf(result)).result());
  return ms;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
