/**
 * Every place in the services where a test can make a process fail, and where it is. These are the gaps between two
 * steps that nothing outside the process can hit.
 */
export const failPointNames = {
  'create-committed': 'stigmer-server: an execution is committed, its workflow is not started yet',
  'create-acknowledged': 'zigflow-worker: the answer to create is here, the wait is not handed off yet',
  'cancel-recorded': 'stigmer-server: the wish to cancel is committed, the workflow is not asked yet',
  'run-stored':
    'stigmer-server: the embedded runner has stored a good end, its activity has not returned yet',
} as const;

/** One of {@link failPointNames}. */
export type FailPointName = keyof typeof failPointNames;
