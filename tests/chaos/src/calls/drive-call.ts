import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { CallMessage, CallPlan } from '../plan/call-plan.ts';
import type { World } from '../world/world.ts';
import { type CallerEnd, endOf, failureEnd } from './caller-end.ts';
import { type Intervened, intervene } from './intervene.ts';
import { persist } from './persist.ts';

/** What was seen of a call from its caller's side. */
export interface DrivenCall {
  readonly plan: CallPlan;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Absent while the caller waits. */
  readonly end?: CallerEnd;
  /** Absent when nothing was to be done to the call, or it could not be done any more. */
  readonly intervened?: Intervened;
}

/** Starts a caller, does to its call what is planned, and waits for its end, or until the signal fires. */
export async function driveCall(world: World, plan: CallPlan, signal: AbortSignal): Promise<DrivenCall> {
  const startedAt = Date.now();
  const handle = world.system.temporal.workflow.getHandle(plan.key);
  await persist(() => start(world, plan), signal);
  const ended = new AbortController();
  const intervening = intervene(world, plan, { handle, ended: AbortSignal.any([signal, ended.signal]) });
  // Asking waits for as long as the caller does.
  const waiting = world.waiting.workflow.getHandle(plan.key);
  const end = await Promise.race([persist(() => untilEnded(waiting), signal), fired(signal)]);
  ended.abort();
  const intervened = await intervening;
  return {
    plan,
    startedAt,
    ...(end && { end, endedAt: Date.now() }),
    ...(intervened && { intervened }),
  };
}

async function start(world: World, plan: CallPlan): Promise<void> {
  const { key, agent, workMs } = plan;
  const message: CallMessage = { key, agent, workMs };
  try {
    await world.system.start(world.documentOf(plan), { text: JSON.stringify(message) }, key);
  } catch (error) {
    // The answer of an earlier try was lost.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function fired(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Rejects when Temporal could not be asked. */
async function untilEnded(handle: WorkflowHandle): Promise<CallerEnd> {
  try {
    return endOf(await handle.result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) return failureEnd(error);
    throw error;
  }
}
