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
