import type { ConnectionLike } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import type { Look } from '../../decision/look.ts';
import { GRPC_STATUS, grpcStatusOf } from './grpc-status.ts';
import { msOf } from './ms-of.ts';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Which activity is looked for, and who we are. */
export interface SoughtWait {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  /** From the task token: it tells two activities of one custom id apart. */
  readonly scheduledEventId: bigint;
  /** When its schedule-to-close deadline passes, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** By which this callee's own completions are recognized. */
  readonly identity: string;
}

/** What a workflow's description says, as far as its activities are concerned. */
export interface RunDescription {
  readonly isRunning: boolean;
  readonly pending: readonly Pending[];
}

/** Events come with their payloads, so a page has a bound; each page costs a question. */
const EVENTS_PER_PAGE = 200;

const { WORKFLOW_EXECUTION_STATUS_RUNNING: RUNNING } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** Describes one run: never "the latest", or a later run would be taken for the caller's. */
export async function describeRun(
  connection: ConnectionLike,
  { namespace, workflowId, runId }: Pick<SoughtWait, 'namespace' | 'workflowId' | 'runId'>,
): Promise<RunDescription> {
  const { workflowExecutionInfo, pendingActivities } =
    await connection.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId, runId },
    });
  return { isRunning: workflowExecutionInfo?.status === RUNNING, pending: pendingActivities ?? [] };
}

/**
 * Whether the activity is among the pending ones: started, paused or between two attempts. Its deadline is compared
 * too, since a loop may run one custom id again. A terminated run still lists what was pending in it.
 */
export function isPending(
  { isRunning, pending }: RunDescription,
  { activityId, expiresAt }: SoughtWait,
): boolean {
  return (
    isRunning &&
    pending.some(
      (activity) => activity.activityId === activityId && msOf(activity.expirationTime) === expiresAt,
    )
  );
}

/**
 * Whether an activity of this id is among the pending ones, whatever its deadline: its options may have been changed by
 * an operator, and a raw token may not say the deadline. It may be a later one of the same custom id, too.
 */
export function mayBePending(
  { isRunning, pending }: RunDescription,
  { activityId }: Pick<SoughtWait, 'activityId'>,
): boolean {
  return isRunning && pending.some((activity) => activity.activityId === activityId);
}

/**
 * Reads the history of the run backwards to the event that closed the activity. Without such an event it still waits
 * as long as its workflow runs: its options, and so its deadline, may have been changed by an operator.
 *
 * @param turn waits for the turn of each page; `false` when there is no time left for it
 */
export async function closingOf(
  connection: ConnectionLike,
  wait: SoughtWait,
  { isRunning }: RunDescription,
  turn: () => Promise<boolean>,
): Promise<Look> {
  const { namespace, workflowId, runId } = wait;
  let nextPageToken: Uint8Array | null | undefined;
  do {
    if (!(await turn())) return { kind: 'no_answer' };
    const page = await connection.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId, runId },
      maximumPageSize: EVENTS_PER_PAGE,
      ...(nextPageToken && { nextPageToken }),
    });
    const events = page.history?.events ?? [];
    for (const event of events) {
      const by = closedBy(event, wait);
      if (by) return { kind: 'closed', by };
    }
    const oldest = events.at(-1)?.eventId;
    // Nothing closes an activity before it was scheduled.
    if (oldest === undefined || oldest === null || BigInt(String(oldest)) <= wait.scheduledEventId) break;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
  return isRunning ? { kind: 'pending' } : { kind: 'closed', by: 'other' };
}

function closedBy(event: HistoryEvent, wait: SoughtWait): 'us' | 'worker' | 'other' | undefined {
  const ended =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  const closing = ended ?? event.activityTaskTimedOutEventAttributes;
  if (!closing || BigInt(String(closing.scheduledEventId ?? 0)) !== wait.scheduledEventId) return undefined;
  // One that was not running had nobody to end it: it was cancelled between two attempts.
  const wasRunning = BigInt(String(closing.startedEventId ?? 0)) > 0n;
  if (!ended || !wasRunning) return 'other';
  return ended.identity === wait.identity ? 'us' : 'worker';
}

/** What it means that the question failed. `step` is what may not be asked, where it is not allowed. */
export function failedLook(error: unknown, step: 'asking_not_allowed' | 'history_not_allowed'): Look {
  const status = grpcStatusOf(error);
  switch (status?.code) {
    case GRPC_STATUS.NOT_FOUND:
      // The run is not there any more, nor is anything in it. A namespace that is missing may come back.
      return status.namespaceNotFound ? { kind: 'no_answer' } : { kind: 'closed', by: 'other' };
    case GRPC_STATUS.PERMISSION_DENIED:
    case GRPC_STATUS.UNAUTHENTICATED:
    case GRPC_STATUS.INVALID_ARGUMENT:
      return { kind: step };
    default:
      return { kind: 'no_answer' };
  }
}
