import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  CancellationScope,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  TemporalFailure,
} from '@temporalio/workflow';
import { COMPLETE_EXTERNAL_ACTIVITY, type CompleteExternalInput } from '../completion-activity.ts';
import type { Delivery } from '../verdict.ts';
import { type DeliveryPause, DeliveryPauses } from './delivery-pauses.ts';
import { type HandshakeSignals, listenForSignals } from './signals.ts';

/** How a callee's workflow delivers a stored outcome. */
export interface DeliverOutcomeOptions {
  /** Whose outcome. It must be stored before. */
  readonly executionId: string;
  /** What {@link listenForSignals} gave at the workflow's start. Default: handlers are set here. */
  readonly signals?: HandshakeSignals;
  /** Where the completion activity is registered, for tries after the first. Default: the workflow's own queue. */
  readonly taskQueue?: string;
}

/** One try within the local activity; it spares a hop through the task queue, and must not hold up the worker. */
const LOCAL_TRY_MS = 10_000;
/** One try as a normal activity, of three. */
const TRY_MS = 60_000;
const TRIES = 3;
/** For whoever looks at the workflow in Temporal. */
const SUMMARY = 'tells the caller the outcome';

/**
 * Delivers the stored outcome of an execution to its caller, and returns what that finally came to: `closed` is set.
 *
 * 1. As a local activity, once, for at most 10 s.
 * 2. As a normal activity: 1 minute, three tries.
 * 3. While the target does not answer: again after 1, 2, 4 … 30 minutes, or as soon as `targetUp` or `rebound` comes.
 * 4. `superseded`: again at once. `unbound`: as in step 3, or when the grace has passed, where that is what ends it.
 *
 * In Temporal the workflow's current details, and the summaries of its timers, say what it waits for.
 *
 * It ends because the deliverer closes every call some time after its deadline. A cancellation of the workflow does
 * not reach it: an outcome that was stored is told.
 *
 * @throws ApplicationFailure, or ActivityFailure around it, when the activity refuses its input: a bug of the callee
 */
export function deliverOutcome(options: DeliverOutcomeOptions): Promise<Delivery> {
  return CancellationScope.nonCancellable(() => deliver(options));
}

async function deliver({ executionId, taskQueue, signals = listenForSignals() }: DeliverOutcomeOptions) {
  const input = { executionId };
  const pauses = new DeliveryPauses();
  let known = marksOf(signals);
  let delivery = await tryLocally(input);
  while (!delivery?.closed) {
    const { ms, waitsFor } = pauses.next(delivery);
    setCurrentDetails(waitsFor ? detailsOf(waitsFor) : '');
    // A signal that came while the last try was under way ends the pause at once.
    if (ms > 0) await condition(() => changed(known, marksOf(signals)), ms, summaryOf(waitsFor));
    const marks = marksOf(signals);
    if (marks.generation !== known.generation) pauses.forget();
    known = marks;
    delivery = await tryOnQueue(input, taskQueue);
  }
  setCurrentDetails('');
  return delivery;
}

function detailsOf({ what, since }: NonNullable<DeliveryPause['waitsFor']>): string {
  return `delivering: ${what} since ${new Date(since).toISOString()}`;
}

function summaryOf(waitsFor: DeliveryPause['waitsFor']): { readonly summary: string } {
  return { summary: waitsFor?.what ?? SUMMARY };
}

interface Marks {
  readonly generation: number;
  readonly targetUps: number;
}

function marksOf(signals: HandshakeSignals): Marks {
  return { generation: signals.reboundGeneration, targetUps: signals.targetUps };
}

function changed(before: Marks, now: Marks): boolean {
  return now.generation !== before.generation || now.targetUps !== before.targetUps;
}

type CompletionActivity = { [COMPLETE_EXTERNAL_ACTIVITY](input: CompleteExternalInput): Promise<Delivery> };

function tryLocally(input: CompleteExternalInput): Promise<Delivery | undefined> {
  const local = proxyLocalActivities<CompletionActivity>({
    startToCloseTimeout: LOCAL_TRY_MS,
    retry: { maximumAttempts: 1 },
    summary: SUMMARY,
  });
  return answerOf(local[COMPLETE_EXTERNAL_ACTIVITY](input));
}

function tryOnQueue(
  input: CompleteExternalInput,
  taskQueue: string | undefined,
): Promise<Delivery | undefined> {
  const options: ActivityOptions = {
    startToCloseTimeout: TRY_MS,
    retry: { maximumAttempts: TRIES },
    summary: SUMMARY,
    ...(taskQueue !== undefined && { taskQueue }),
  };
  const queued = proxyActivities<CompletionActivity>(options);
  return answerOf(queued[COMPLETE_EXTERNAL_ACTIVITY](input));
}

/** `undefined` for a try without an answer: it timed out, its worker died, the callee's own store did not answer. */
async function answerOf(attempt: Promise<Delivery>): Promise<Delivery | undefined> {
  try {
    return await attempt;
  } catch (error) {
    // A normal activity's failure comes wrapped, a local one's as it is.
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (!(cause instanceof TemporalFailure)) throw error;
    if (cause instanceof ApplicationFailure && cause.nonRetryable) throw error;
    return undefined;
  }
}
