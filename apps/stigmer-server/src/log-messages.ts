/**
 * The lines that tell how calls go, word for word, so that tests and people can look for them. Tokens appear as
 * preview, length and fingerprint only.
 */
export const LOG_MESSAGES = {
  /** `create` came with a token: `executionId`, `preview`, `length`, `fingerprint`, `admission`. */
  tokenReceived: 'callback token received',
  /** `create` came with a token that is refused, and its client is told the code only: `code`, `reason`. */
  tokenRefused: 'callback token refused',
  /** A request failed since the database could not be read or written: `code`, `err`. */
  storageFailed: 'the database could not be read or written',
  /** `create` came without a token: `executionId`. */
  tokenAbsent: 'no callback token: nobody will be told of the end',
  /** The same call came with another body: the first one counts. `executionId`. */
  bodyDiffers: 'the same call came with another body: the first one counts',
  /** The workflow could not be started at once: the sweep will. `executionId`, `err`. */
  startPostponed: 'the workflow could not be started at once: the sweep will start it',
  /** First line of the workflow: `executionId`, `tokenPresent`, `tokenLength`, `fingerprint`. */
  workflowStarted: 'agent execution started',
  /** In the workflow: a runner was lost or failed, and the run begins again. `executionId`, `attempt`, `reason`. */
  runRepeated: 'the run begins again',
  /** In the workflow: a cancel arrived. `executionId`. */
  cancelReceived: 'cancelling the run',
  /** The end was stored, once for each execution: `executionId`, `phase`. */
  finalStored: 'end of the execution stored',
  /** A good end could not be stored yet: the runner tries again. `executionId`, `err`. */
  finalPostponed: 'the database takes no end of a run at present: it is tried again',
  /** An outcome is about to be sent: `executionId`, `generation`, `fingerprint`, `outcome`. */
  completionAttempt: 'completing the caller',
  /** What an attempt came to: `executionId`, `generation`, `fingerprint`, `verdict`, `durationMs`. */
  completionVerdict: 'verdict on the completion',
  /** A delivery found that another one was taken: `executionId`, `generation`, `verdict`. */
  completionDuplicate: 'the caller has the outcome already',
  /** In the workflow: the run was good, and its caller could not be told. `executionId`, `problem`. */
  completionFailed: 'the caller could not be completed: the result stays fetchable',
  /** In the workflow: the run had failed, and its caller could not be told. `executionId`, `problem`, `failure`. */
  completionFailedOnFailure: 'the caller could not be told of the failure: the original failure is kept',
  /** In the workflow: nobody waits. `executionId`. */
  completionSkipped: 'no callback token: no completion',
  /** At the start of a worker, for each of its activities: `taskQueue`, `activity`. */
  activityRegistered: 'activity registered',
  /** Agents of the folder were read: `folder`, `agents`. */
  agentsLoaded: 'agents loaded',
  /** A beat found that the caller wants to cancel, or is gone: `executionId`, `answer`. */
  callerSpoke: 'the caller answered a heartbeat',
  /** What a heartbeat that found nobody came to: `executionId`, `generation`, `fingerprint`, `verdict`, `closed`. */
  absenceResolved: 'the caller was not found: its side was asked',
  /** Something that a crash left half done was put right: `executionId`, `action`. */
  swept: 'put right what was left half done',
  /** A target did not answer, and was asked again: `target`, `kind`. */
  targetWatched: 'a target was asked whether it is up again',
  /** An operator had an outcome delivered again: `executionId`, `state` before, `result` (a verdict, or `woken`). */
  redelivered: 'delivered again for an operator',
  /** An operator gave a caller up: `executionId`, `generation`, `cancelled`, `reason`. */
  abandoned: 'the wait was given up by an operator',
  /** This server works on other rows than before: `held`, `share` (of 16 partitions), `servers`. */
  leasesChanged: 'leases of the ledger changed',
  /** Leases could not be claimed or renewed: `err`. */
  leasesFailed: 'leases of the ledger could not be renewed: it is tried again',
  /** A cancel was written: `executionId`, `cause`. */
  cancelRequested: 'cancel requested',
} as const;
