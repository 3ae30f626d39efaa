import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { CallPlan, Intervention } from '../plan/call-plan.ts';
import type { World } from '../world/world.ts';
import { pauseActivity, resetActivity, unpauseActivity } from './caller-activity.ts';
import { persist } from './persist.ts';

const LOOK_MS = 50;
/** Longer than a heartbeat takes to tell of a pause, and shorter than a run has patience for. */
const PAUSED_MS = 6_000;

/** What was done to a call, once it has been. */
export interface Intervened {
  readonly kind: Intervention;
  readonly at: number;
}

/** The caller, and a signal that fires when it has ended. */
export interface InterventionScope {
  readonly handle: WorkflowHandle;
  readonly ended: AbortSignal;
}

/** Does to a call what its plan says, at its time. Returns `undefined` when there was nothing to do any more. */
export async function intervene(
  world: World,
  { key, intervention }: CallPlan,
  { handle, ended }: InterventionScope,
): Promise<Intervened | undefined> {
  const { kind, after, delayMs } = intervention;
  if (kind === 'none') return undefined;
  if (after === 'agent') await untilBegun(world, key, ended);
  await sleep(delayMs, undefined, { signal: ended }).catch(() => {});
  const done = await persist(() => act(world, kind, key, handle), ended);
  if (done !== true) return undefined;
  const intervened = { kind, at: Date.now() };
  if (kind === 'activity-pause') {
    await sleep(PAUSED_MS);
    // A caller that was paused has to be let go on, whatever has become of it.
    await persist(() => unpauseActivity(world, handle.workflowId), AbortSignal.timeout(60_000));
  }
  return intervened;
}

/** Rejects when it is to be tried again; false when there is nobody any more to do it to. */
async function act(world: World, kind: Intervention, key: string, handle: WorkflowHandle): Promise<boolean> {
  const { system, journal } = world;
  const executionId = journal.firstRun(key)?.executionId ?? '';
  try {
    switch (kind) {
      case 'none':
        return false;
      case 'api-cancel':
        await system.stigmer.executionCommands.cancel({ executionId, reason: 'chaos' });
        return true;
      case 'caller-cancel':
        await handle.cancel();
        return true;
      case 'caller-terminate':
        await handle.terminate('chaos');
        return true;
      case 'callee-terminate':
        await system.temporal.workflow.getHandle(executionId).terminate('chaos');
        return true;
      case 'activity-reset':
        return await resetActivity(world, key);
      case 'activity-pause':
        return await pauseActivity(world, key);
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function untilBegun({ journal }: World, key: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted && journal.firstRun(key) === undefined) {
    await sleep(LOOK_MS, undefined, { signal: ended }).catch(() => {});
  }
}
