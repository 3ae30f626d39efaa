import type { AccessPolicy } from '@token-handshake/service-kit';

const AGENT_COMMANDS = 'ai.stigmer.agentic.agent.v1.AgentCommandController';
const AGENTS = 'ai.stigmer.agentic.agent.v1.AgentQueryController';
const EXECUTION_COMMANDS = 'ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController';
const EXECUTIONS = 'ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController';

const INSTANCES = 'ai.stigmer.agentic.agentinstance.v1.AgentInstanceQueryController';
const SESSION_COMMANDS = 'ai.stigmer.agentic.session.v1.SessionCommandController';
const SESSIONS = 'ai.stigmer.agentic.session.v1.SessionQueryController';
const RUNNERS = 'tokenhandshake.v1.RunnerService';
const WAITS = 'tokenhandshake.v1.WaitService';

const operators = { operator: 'all' } as const;
/** Everybody's for operators; callers reach what is theirs. */
const callers = { caller: 'own', operator: 'all' } as const;
/** Agents belong to nobody in particular. */
const readers = { caller: 'all', runner: 'all', operator: 'all' } as const;

/**
 * Who may call what. A runner works for all callers. What anonymous callers may do is what callers of the existing
 * system need, and no more.
 */
export const ACCESS_POLICY: AccessPolicy = {
  [`${AGENT_COMMANDS}/apply`]: operators,
  [`${AGENT_COMMANDS}/create`]: operators,
  [`${AGENT_COMMANDS}/update`]: operators,
  [`${AGENT_COMMANDS}/delete`]: operators,
  [`${AGENTS}/get`]: readers,
  // `own`: no more than the names of an agent.
  [`${AGENTS}/getByReference`]: { ...readers, anonymous: 'own' },
  [`${AGENTS}/list`]: { caller: 'all', operator: 'all' },
  [`${EXECUTION_COMMANDS}/create`]: { ...callers, anonymous: 'own' },
  [`${EXECUTION_COMMANDS}/update`]: callers,
  [`${EXECUTION_COMMANDS}/updateStatus`]: { runner: 'all', operator: 'all' },
  [`${EXECUTION_COMMANDS}/delete`]: callers,
  [`${EXECUTION_COMMANDS}/cancel`]: callers,
  [`${EXECUTIONS}/get`]: { ...callers, runner: 'all' },
  [`${EXECUTIONS}/list`]: callers,
  [`${EXECUTIONS}/listBySession`]: callers,
  [`${EXECUTIONS}/subscribe`]: callers,
  [`${INSTANCES}/get`]: readers,
  [`${SESSION_COMMANDS}/apply`]: callers,
  [`${SESSION_COMMANDS}/create`]: callers,
  [`${SESSION_COMMANDS}/update`]: callers,
  [`${SESSION_COMMANDS}/delete`]: callers,
  [`${SESSIONS}/get`]: { ...callers, runner: 'all' },
  [`${SESSIONS}/list`]: callers,
  [`${SESSIONS}/listByAgent`]: callers,
  [`${SESSIONS}/listTurns`]: { ...callers, runner: 'all' },
  [`${RUNNERS}/GetRunSecrets`]: { runner: 'all', operator: 'all' },
  [`${WAITS}/ListWaits`]: operators,
  [`${WAITS}/GetWait`]: operators,
  [`${WAITS}/RedeliverWait`]: operators,
  [`${WAITS}/AbandonWait`]: operators,
};
