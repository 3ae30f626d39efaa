/** The queue of the callers of the bench's own shapes. */
export const CALLER_TASK_QUEUE = 'bench-caller';

/** The queue of their callees. */
export const CALLEE_TASK_QUEUE = 'bench-callee';

/** The queue of the agents that these callees run. */
export const AGENT_TASK_QUEUE = 'bench-agent';

/** What every agent is asked. */
export const MESSAGE = 'Answer.';

/** What every agent answers. */
export const ANSWER = 'An answer.';

/**
 * After which an attempt of an activity is given up, and another one made. A task that Temporal has handed out and that
 * was lost on its way to a worker, as happens on a busy machine, costs a call this time, and does not fail it. The
 * handshake's liveness deadline is as long.
 */
export const ACTIVITY_TIMEOUT = '30s';
