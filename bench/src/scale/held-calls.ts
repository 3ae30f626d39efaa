import type { Client } from '@temporalio/client';
import { unlessAborted } from '../unless-aborted.ts';
import { heldMessage } from './holding-runner.ts';
import { CALLER } from './new-calls.ts';
import type { ScaleSystem } from './scale-system.ts';
import { pauseFor, untilNoneLeft } from './time-bound.ts';

/** Calls that were started and are not open yet: more of them would only wait on the server. */
const UNDER_WAY = 100;

/** A task that Temporal loses comes again after the liveness deadline; this much more, and nothing comes any more. */
const STALL_MARGIN_MS = 120_000;

/**
 * Opens so many calls whose agents are held. Gives the time from the first start until the last agent had begun, and
 * returns once every call is a row of the ledger that was beaten, and the caller's slots are free.
 *
 * @throws Error when no call opens any more, or the system's signal's reason
 */
export async function openCalls(system: ScaleSystem, waits: number, livenessMs: number): Promise<number> {
  const { client, runner } = system;
  const stallMs = livenessMs + STALL_MARGIN_MS;
  const stopped = new AbortController();
  const signal = AbortSignal.any([system.signal, stopped.signal]);
  const startedAt = performance.now();
  let started = 0;
  const openSome = async () => {
    while (started < waits) {
      const message = heldMessage(started);
      started += 1;
      const begun = runner.begun(message);
      await unlessAborted(signal, startCall(client, message));
      await unlessAborted(signal, begun);
    }
  };
  const lanes = Promise.all(Array.from({ length: Math.min(UNDER_WAY, waits) }, openSome));
  const watch = untilNoneLeft(async () => waits - runner.held, {
    signal,
    stallMs,
    what: `${waits} calls to open`,
  });
  try {
    await Promise.race([lanes, watch.then(() => lanes)]);
  } finally {
    stopped.abort(new Error('the calls are no longer being opened'));
    await Promise.allSettled([lanes, watch]);
  }
  const openMs = performance.now() - startedAt;
  await untilNoneLeft(() => notAtRest(system, waits), {
    signal: system.signal,
    stallMs,
    what: `${waits} calls to be open and beaten, with all slots free`,
  });
  return openMs;
}

function startCall(client: Client, message: string): Promise<unknown> {
  return client.workflow.start(CALLER.workflowType, {
    taskQueue: CALLER.taskQueue,
    workflowId: `held-${crypto.randomUUID()}`,
    args: [{ message }],
  });
}

async function notAtRest(system: ScaleSystem, waits: number): Promise<number> {
  // Reading the metrics costs the services a look at every row: seldom enough not to be in the way.
  await pauseFor(1_000, system.signal);
  const [stigmer, zigflow] = await Promise.all([system.metricsOf('stigmer'), system.metricsOf('zigflow')]);
  const notOpen = Math.abs(waits - stigmer.sum('stigmer_open_waits'));
  const notBeaten = Math.max(waits - stigmer.sum('stigmer_beats_total', { answer: 'ok' }), 0);
  const slotsTaken = zigflow.sum('zigflow_activity_slots') - zigflow.sum('zigflow_activity_slots_available');
  return notOpen + notBeaten + slotsTaken;
}

/**
 * Has all agents answer at once. Gives the time from the first answer until Temporal shows no caller that is open, and
 * what went wrong with the answers.
 *
 * @throws Error when no caller ends any more, or the system's signal's reason
 */
export async function drainCalls(
  system: ScaleSystem,
  livenessMs: number,
): Promise<{ readonly drainMs: number; readonly failures: readonly string[] }> {
  const { client, runner, signal } = system;
  const startedAt = performance.now();
  const failures = await runner.answerAll(client, signal);
  await untilCallersEnded(system, livenessMs);
  return { drainMs: performance.now() - startedAt, failures };
}

/**
 * Waits until Temporal shows no caller that is open; it shows a workflow's end a moment after its result.
 *
 * @throws Error when none ends any more, or the system's signal's reason
 */
export async function untilCallersEnded({ client, signal }: ScaleSystem, livenessMs: number): Promise<void> {
  await untilNoneLeft(() => countCallers(client, "ExecutionStatus = 'Running'"), {
    signal,
    stallMs: livenessMs + STALL_MARGIN_MS,
    what: 'all callers to end',
  });
}

/** Callers by a condition, as Temporal's visibility tells them. */
export async function countCallers(client: Client, condition: string): Promise<number> {
  const { count } = await client.workflow.count(`WorkflowType = '${CALLER.workflowType}' AND ${condition}`);
  return count;
}
