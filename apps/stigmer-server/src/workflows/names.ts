/** The type of the workflow that runs one execution; its id is the execution's. */
export const AGENT_EXECUTION_WORKFLOW = 'stigmer/agent-execution';

/** The type of the workflow that asks a model until it is done. */
export const CONVERSATION_WORKFLOW = 'stigmer/conversation';

/** The queue of the server's own worker. */
export const STIGMER_TASK_QUEUE = 'stigmer';

/** The queue of whoever executes agents, in any language. */
export const RUNNER_TASK_QUEUE = 'agent_execution_runner';

/** The signal by which a workflow learns that the executions of its session before it have ended. */
export const TURN_SIGNAL = 'turn';
