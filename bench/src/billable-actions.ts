import proto, { type temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const { EventType } = proto.temporal.api.enums.v1;

/**
 * How many actions Temporal Cloud would bill for a workflow, as far as its history shows them. The rules are those of
 * https://docs.temporal.io/cloud/actions:
 *
 * - a workflow's start is one, and a child's intent, in its parent, one more;
 * - an activity is one for each attempt;
 * - all local activities and side effects of one workflow task are one together;
 * - a timer, an upsert of search attributes that are not the SDK's own for versions, an update, a change of a
 *   workflow's options, a Nexus operation, and the request to cancel one are one each;
 * - a signal is one for its sender: from another workflow it is counted there, from a client here.
 *
 * What leaves no event is not in it, heartbeats and queries above all.
 */
export function billableActions(events: readonly HistoryEvent[]): number {
  let actions = 0;
  const tasksWithMarkers = new Set<string>();
  for (const event of events) {
    const marker = event.markerRecordedEventAttributes;
    if (marker) tasksWithMarkers.add(String(marker.workflowTaskCompletedEventId));
    else actions += actionsOf(event);
  }
  return actions + tasksWithMarkers.size;
}

function actionsOf(event: HistoryEvent): number {
  switch (event.eventType) {
    case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
    case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
    case EventType.EVENT_TYPE_TIMER_STARTED:
    case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
    case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED:
    case EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
    case EventType.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED:
    case EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED:
      return 1;
    // The event of a start is written with the attempt that ended the activity, and names its number.
    case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
      return event.activityTaskStartedEventAttributes?.attempt ?? 1;
    case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
      return event.workflowExecutionSignaledEventAttributes?.externalWorkflowExecution ? 0 : 1;
    case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
      return upsertsOwn(event) ? 1 : 0;
    default:
      return 0;
  }
}

function upsertsOwn({ upsertWorkflowSearchAttributesEventAttributes: upsert }: HistoryEvent): boolean {
  const names = Object.keys(upsert?.searchAttributes?.indexedFields ?? {});
  return names.some((name) => name !== 'TemporalChangeVersion');
}
