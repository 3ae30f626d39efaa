import { setTimeout as sleep } from 'node:timers/promises';
import type { CallPlan } from '../plan/call-plan.ts';
import type { World } from '../world/world.ts';
import { type DrivenCall, driveCall } from './drive-call.ts';

/** How calls are driven. */
export interface RunCallsOptions {
  /** Most callers that wait at once. */
  readonly window: number;
  /** Least time between two starts, in milliseconds: the local Temporal takes only so many new waits a second. */
  readonly spacingMs: number;
  /** Told how many have been started. */
  readonly onStarted: (count: number) => void;
  readonly onEnded: (call: DrivenCall) => void;
  /** No call is started any more once it has fired. */
  readonly enough: AbortSignal;
  /** Nobody is waited for any more once it has fired. */
  readonly giveUp: AbortSignal;
}

/** Drives calls, so many at once. Resolves when the last one was started; `all` resolves when all have ended. */
export async function runCalls(
  world: World,
  plans: readonly CallPlan[],
  options: RunCallsOptions,
): Promise<{ readonly all: Promise<readonly DrivenCall[]> }> {
  const { window, spacingMs, onStarted, onEnded, enough, giveUp } = options;
  const driven: Promise<DrivenCall>[] = [];
  const open = new Set<Promise<unknown>>();
  for (const plan of plans) {
    if (open.size >= window) await Promise.race(open);
    if (enough.aborted || giveUp.aborted) break;
    const call = driveCall(world, plan, giveUp);
    driven.push(call);
    const tracked = call.then((ended) => {
      open.delete(tracked);
      onEnded(ended);
    });
    open.add(tracked);
    onStarted(driven.length);
    await sleep(spacingMs);
  }
  return { all: Promise.all(driven) };
}
