import { describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { billableActions } from './billable-actions.ts';

const { EventType } = proto.temporal.api.enums.v1;

type Event = Parameters<typeof billableActions>[0][number];

const started: Event = { eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED };
const attempts = (attempt: number): Event => ({
  eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  activityTaskStartedEventAttributes: { attempt },
});
const marker = (task: number): Event => ({
  eventType: EventType.EVENT_TYPE_MARKER_RECORDED,
  markerRecordedEventAttributes: { workflowTaskCompletedEventId: temporalLong(task) },
});
const signaled = (by?: string): Event => ({
  eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  workflowExecutionSignaledEventAttributes:
    by === undefined ? {} : { externalWorkflowExecution: { workflowId: by } },
});
const upserted = (...names: string[]): Event => ({
  eventType: EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  upsertWorkflowSearchAttributesEventAttributes: {
    searchAttributes: { indexedFields: Object.fromEntries(names.map((name) => [name, {}])) },
  },
});

/** As the client decodes it. */
function temporalLong(value: number) {
  return proto.temporal.api.history.v1.HistoryEvent.fromObject({ eventId: value }).eventId;
}

// What the rules make of whole histories, as a server wrote them, is in main.test.ts.
describe('billable actions', () => {
  test('a start, and each attempt of an activity', () => {
    expect(billableActions([started])).toBe(1);
    expect(billableActions([started, attempts(1), attempts(3)])).toBe(5);
  });

  test('an activity that is only scheduled has not begun', () => {
    expect(billableActions([{ eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED }])).toBe(0);
  });

  test('local activities: one for all that one workflow task records', () => {
    expect(billableActions([marker(4), marker(4), marker(9)])).toBe(2);
  });

  test('a signal from a client here, one from a workflow with its sender', () => {
    expect(billableActions([signaled(), signaled('another')])).toBe(1);
    const sent = EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED;
    expect(billableActions([{ eventType: sent }])).toBe(1);
  });

  test("search attributes, but not the SDK's own for versions", () => {
    expect(billableActions([upserted('TemporalChangeVersion')])).toBe(0);
    expect(billableActions([upserted('TemporalChangeVersion', 'Customer')])).toBe(1);
  });

  test.each([
    ['a timer', EventType.EVENT_TYPE_TIMER_STARTED],
    ["a child's intent", EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED],
    ['a Nexus operation', EventType.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED],
    ['its cancellation', EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED],
    ['an update', EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED],
  ])('%s is one', (_what, eventType) => {
    expect(billableActions([{ eventType }])).toBe(1);
  });

  test('workflow tasks and ends are none', () => {
    const free = [
      EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
      EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
      EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
      EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
      EventType.EVENT_TYPE_NEXUS_OPERATION_COMPLETED,
      EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    ];
    expect(billableActions(free.map((eventType) => ({ eventType })))).toBe(0);
  });
});
