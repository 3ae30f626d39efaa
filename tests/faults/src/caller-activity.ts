import { msToTs } from '@temporalio/common/lib/time.js';
import { callAgent, type GrpcProxy, grpcStatus, type System } from '@token-handshake/test-kit';
import { inTime, type Question } from './fault-system.ts';

/** How long the activities of {@link asksPatiently} go without a heartbeat before Temporal gives their attempt up. */
export const LIVENESS_MS = 10_000;
/** Between two heartbeats of the relay. */
export const ROUND_MS = LIVENESS_MS / 3;

/** Time for several rounds of the relay, and less than the grace of a caller that nobody can ask about. */
export const LONG_BACK_OFF_MS = 25_000;

/** As `asks`, with time for back-offs that a test sets. */
export const asksPatiently = callAgent({
  workflowType: 'asks-patiently',
  agent: 'file',
  message: '${ $input.file }',
  liveness: `${LIVENESS_MS / 1_000}s`,
  result: '1h',
});

/** What Temporal says about the activity with which a caller waits. */
interface PendingActivity {
  readonly attempt: number;
  readonly paused: boolean;
  /** Whether its attempt has recorded a heartbeat, which the hand-off does as its last step. */
  readonly beaten: boolean;
  /** Whether its last attempt is over, and the next one is to be scheduled later. */
  readonly inBackOff: boolean;
}

/** Asks about the activity with which a question's caller waits; `undefined` once it is closed. */
export async function pendingActivity({ workflow }: Question): Promise<PendingActivity | undefined> {
  const { raw } = await workflow.describe();
  const activity = raw.pendingActivities?.[0];
  if (!activity) return undefined;
  const { attempt, paused, heartbeatDetails, nextAttemptScheduleTime } = activity;
  return {
    attempt: attempt ?? 0,
    paused: paused === true,
    beaten: Boolean(heartbeatDetails),
    inBackOff: Boolean(nextAttemptScheduleTime),
  };
}

/** Waits until the agent runs and its caller has freed its slot; resolves with the agent's process. */
export async function handedOff(question: Question): Promise<number> {
  const pid = await question.running();
  await inTime(async () => (await pendingActivity(question))?.beaten, 'the call to be handed off');
  return pid;
}

/** What an operator does to the activity of a waiting caller, through Temporal's API. */
export function operate(system: System, { workflow: { workflowId } }: Question) {
  const { workflowService } = system.temporal;
  const { namespace } = system.stack.temporal;
  const activity = { namespace, execution: { workflowId }, type: 'stigmer/call-agent' };
  return {
    pause: async (): Promise<void> => {
      await workflowService.pauseActivity({ ...activity, reason: 'a look at the agent' });
    },
    unpause: async (): Promise<void> => {
      await workflowService.unpauseActivity(activity);
    },
    reset: async (): Promise<void> => {
      await workflowService.resetActivity(activity);
    },
    /** Sets how long the activity waits between two attempts; one that waits already goes on as it was. */
    setBackOff: async (ms: number): Promise<void> => {
      const interval = msToTs(ms);
      await workflowService.updateActivityOptions({
        ...activity,
        activityOptions: { retryPolicy: { initialInterval: interval, maximumInterval: interval } },
        updateMask: { paths: ['retryPolicy.initialInterval', 'retryPolicy.maximumInterval'] },
      });
    },
  };
}

/** Longer than any test: the next attempt begins only if somebody makes it. */
const ENDLESS_MS = 600_000;

/** What {@link timeOutIntoBackOff} works with. */
interface CallerToTimeOut {
  readonly system: System;
  readonly toTemporal: GrpcProxy;
  readonly question: Question;
  /** The number of the attempt that is waited for then. Default: 2. */
  readonly next?: number;
  /** How long it is waited for. Default: longer than any test. */
  readonly backOffMs?: number;
}

/**
 * Brings a caller into a long back-off: no heartbeat gets through until its attempt times out. They pass again when
 * this resolves.
 */
export async function timeOutIntoBackOff(options: CallerToTimeOut): Promise<void> {
  const { system, toTemporal, question, next = 2, backOffMs = ENDLESS_MS } = options;
  await operate(system, question).setBackOff(backOffMs);
  using silence = denyBeats(toTemporal, question);
  await inTime(async () => {
    const activity = await pendingActivity(question);
    return activity?.attempt === next && activity.inBackOff;
  }, `the activity to wait for attempt ${next}`);
  if (silence.struck === 0) throw new Error('expected heartbeats to be denied, but none was sent');
}

/** No heartbeat of a question's activity gets through. */
export function denyBeats(toTemporal: GrpcProxy, { workflow }: Question) {
  return toTemporal.deny('RecordActivityTaskHeartbeat', {
    status: grpcStatus.unavailable,
    when: (request) => request.includes(workflow.workflowId),
  });
}

/** What came back with the heartbeats of a question's call, in their order. */
export function beatAnswers(system: System, question: Question): readonly string[] {
  const id = question.call()?.id;
  return system.log
    .lines('stigmer')
    .flatMap(({ fields: { executionId, generation, answer } }) =>
      executionId === id && typeof answer === 'string' ? `${answer} ${String(generation)}` : [],
    );
}

/** Waits for so many more heartbeats of a call that are answered like this, such as `ok 1` for the first token. */
export async function beaten(system: System, question: Question, answer: string, times = 1): Promise<void> {
  const before = beatAnswers(system, question).length;
  await inTime(
    () =>
      beatAnswers(system, question)
        .slice(before)
        .filter((each) => each === answer).length >= times,
    `${times} heartbeats answered "${answer}"`,
  );
}

/** The history of a question's call: each verdict with its generation. */
export function verdictsOf(system: System, question: Question) {
  return system.query<{ verdict: string; generation: number; at: number }>(
    'select verdict, generation, at from verdicts where execution_id = ? order by id',
    [question.call()?.id],
  );
}
