/**
 * The lines that tell how calls go, word for word, so that tests and people can look for them. Tokens appear as
 * preview, length and fingerprint only.
 */
export const LOG_MESSAGES = {
  /** Documents of the folder were read: `folder`, `workflows`. */
  documentsLoaded: 'workflow documents loaded',
  /** The folder holds no document, so there is nothing to do: `folder`. */
  noDocuments: 'no workflow documents: this worker serves no task queue',
  /** At the start of a worker, for each of its activities: `taskQueue`, `activity`, `local`. */
  activityRegistered: 'activity registered',
  /** At the start of a worker, for each of its documents: `taskQueue`, `workflowType`. */
  workflowRegistered: 'workflow registered',
  /** A task of a document began, ended or was passed over: `task`, `kind`, `state`, `elapsedMs`, `agent`, `failure`. */
  task: 'task',
  /** The task token was sealed for the callee: `preview`, `length`, `fingerprint`, `callId`, `attempt`. */
  sealed: 'task token sealed',
  /** One try of the call failed: `tryNumber`, `willRetry`, `err`. */
  tryFailed: 'the callee could not be told',
  /** The callee has taken the call: `executionId`, `elapsedMs`. */
  acked: 'the callee has taken the call',
  /** The call was finished already: `executionId`, `outcome`. */
  finished: 'the answer was there already: no wait',
  /** The wait is the callee's from here on: `executionId`, `fingerprint`. */
  handedOff: 'wait handed off',
  /** The slot of a handed-off activity is free again: `slotsFree`, `slots`, `taskQueue`. */
  slotFreed: 'slot free while the call waits',
  /** A callee had a token checked: `workflowId`, `activityId`, `fingerprint`, `audience`. */
  callbackChecked: 'a callee had a callback token checked',
  /** A callee ended a wait, or tried to: `workflowId`, `fingerprint`, `outcome`, `verdict`, `detail`. */
  callbackEnded: 'a callee ended a wait by callback',
  /** A callee said that it works: `workflowId`, `fingerprint`, `answer`. */
  callbackBeat: 'a callee sent a heartbeat by callback',
  /** A callback's token was not good: `code`, `reason`. */
  callbackRefused: 'callback token refused',
  /** A call's answer has arrived in its workflow: `task`, `elapsedMs`. */
  resumed: 'resumed with the answer',
} as const;
