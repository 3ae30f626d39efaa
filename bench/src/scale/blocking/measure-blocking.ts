import { unlessAborted } from '../../unless-aborted.ts';
import type { BlockingOutcome } from '../scale-results.ts';
import type { ScaleSystem } from '../scale-system.ts';
import { pauseFor, untilNoneLeft } from '../time-bound.ts';
import { BLOCKING_TASK_QUEUE, startBlockingCaller } from './caller-process.ts';

const LOOK_EVERY_MS = 250;

/** A busy machine takes seconds for a first call. */
const FIRST_MS = 120_000;

/** What {@link measureBlocking} takes. */
export interface BlockingOptions {
  readonly calls: number;
  readonly slots: number;
  /** How long calls may be opened, and then be answered. */
  readonly boundMs: number;
  readonly onStep: (step: string) => void;
}

/**
 * What callers without a handshake do with as many slots: each holds one until its agent has answered. Starts all of
 * them at once, counts the agents that have begun when the bound is over, which counts from the first of them, while
 * none answers; and then, with every agent answering at once, the callers that have their answer within as much time
 * again.
 *
 * @throws Error when none begins, or the system's signal's reason
 */
export async function measureBlocking(
  system: ScaleSystem,
  { calls, slots, boundMs, onStep }: BlockingOptions,
): Promise<BlockingOutcome> {
  const { client, runner, signal } = system;
  const startedAt = new Date().toISOString();
  await using _caller = await startBlockingCaller({ ...system, slots });
  runner.holdAll = true;
  onStep(`opening ${calls} blocking calls`);
  const starts = Array.from({ length: calls }, () =>
    client.workflow.start('scaleBlocking', {
      taskQueue: BLOCKING_TASK_QUEUE,
      workflowId: `blocking-${crypto.randomUUID()}`,
      args: [],
    }),
  );
  await unlessAborted(signal, Promise.all(starts));
  await untilNoneLeft(async () => 1 - runner.held, {
    signal,
    stallMs: FIRST_MS,
    what: 'a first call to open',
  });
  const openUntil = performance.now() + boundMs;
  while (performance.now() < openUntil && runner.held < calls) await pauseFor(LOOK_EVERY_MS, signal);
  const opened = runner.held;
  onStep('answering the blocking calls');
  runner.holdAll = false;
  const answeredFrom = performance.now();
  await runner.answerAll(client, signal);
  const count = async (status: string) =>
    (await client.workflow.count(`WorkflowType = 'scaleBlocking' AND ExecutionStatus ${status}`)).count;
  let answered = 0;
  while (answered < calls && performance.now() - answeredFrom < boundMs) {
    await pauseFor(LOOK_EVERY_MS, signal);
    answered = await count("= 'Completed'");
  }
  return {
    state: 'measured',
    startedAt,
    slots,
    calls,
    boundMs,
    opened,
    answered,
    drainMs: answered === calls ? performance.now() - answeredFrom : null,
    failed: await count("!= 'Running' AND ExecutionStatus != 'Completed'"),
  };
}
