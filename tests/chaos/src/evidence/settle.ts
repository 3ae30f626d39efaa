import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.ts';
import type { CalleeWorkflows } from './callee-workflows.ts';
import { executionIds, openRows } from './stored-executions.ts';

const LOOK_MS = 1_000;

/** What is still under way. */
export interface Unrest {
  readonly rows: number;
  readonly workflows: number;
}

/**
 * Waits until nothing is under way any more: every row closed, every workflow of the callee ended. It gives up when
 * the signal fires.
 */
export async function settle(
  world: World,
  workflows: CalleeWorkflows,
  signal: AbortSignal,
  onLook: (unrest: Unrest) => void,
): Promise<void> {
  for (;;) {
    const open = await workflows.open(executionIds(world));
    const unrest = { rows: openRows(world).length, workflows: open.length };
    onLook(unrest);
    // Who has given up already has to know, too, what is under way.
    if ((unrest.rows === 0 && unrest.workflows === 0) || signal.aborted) return;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
