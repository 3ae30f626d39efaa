import type { ConnectRouter } from '@connectrpc/connect';
import { AgentCommandController, AgentQueryController } from '@token-handshake/proto/agent';
import {
  AgentExecutionCommandController,
  AgentExecutionQueryController,
} from '@token-handshake/proto/agentexecution';
import { AgentInstanceQueryController } from '@token-handshake/proto/agentinstance';
import { SessionCommandController, SessionQueryController } from '@token-handshake/proto/session';
import { RunnerService, WaitService } from '@token-handshake/proto/tokenhandshake';
import type { StigmerContext } from '../context.ts';
import { applyAgent } from './agent-command/apply.ts';
import { createAgent } from './agent-command/create.ts';
import { deleteAgent } from './agent-command/delete.ts';
import { updateAgent } from './agent-command/update.ts';
import { cancelAgentExecution } from './agent-execution-command/cancel.ts';
import { createAgentExecution } from './agent-execution-command/create.ts';
import { deleteAgentExecution } from './agent-execution-command/delete.ts';
import { updateAgentExecution } from './agent-execution-command/update.ts';
import { updateAgentExecutionStatus } from './agent-execution-command/update-status.ts';
import { getAgentExecution } from './agent-execution-query/get.ts';
import { listAgentExecutions } from './agent-execution-query/list.ts';
import { listAgentExecutionsBySession } from './agent-execution-query/list-by-session.ts';
import { subscribeAgentExecution } from './agent-execution-query/subscribe.ts';
import { getAgentInstance } from './agent-instance-query/get.ts';
import { getAgent } from './agent-query/get.ts';
import { getAgentByReference } from './agent-query/get-by-reference.ts';
import { listAgents } from './agent-query/list.ts';
import { getRunSecrets } from './runner/get-run-secrets.ts';
import { applySession } from './session-command/apply.ts';
import { createSession } from './session-command/create.ts';
import { deleteSession } from './session-command/delete.ts';
import { updateSession } from './session-command/update.ts';
import { getSession } from './session-query/get.ts';
import { listSessions } from './session-query/list.ts';
import { listSessionsByAgent } from './session-query/list-by-agent.ts';
import { listSessionTurns } from './session-query/list-turns.ts';
import { abandonWait } from './wait/abandon-wait.ts';
import { getWait } from './wait/get-wait.ts';
import { listWaits } from './wait/list-waits.ts';
import { redeliverWait } from './wait/redeliver-wait.ts';

/** Every RPC of the server. */
export function stigmerRoutes(context: StigmerContext): (router: ConnectRouter) => void {
  return (router) => {
    router
      .service(AgentCommandController, {
        apply: applyAgent(context),
        create: createAgent(context),
        update: updateAgent(context),
        delete: deleteAgent(context),
      })
      .service(AgentQueryController, {
        get: getAgent(context),
        getByReference: getAgentByReference(context),
        list: listAgents(context),
      })
      .service(AgentExecutionCommandController, {
        create: createAgentExecution(context),
        update: updateAgentExecution(context),
        updateStatus: updateAgentExecutionStatus(context),
        delete: deleteAgentExecution(context),
        cancel: cancelAgentExecution(context),
      })
      .service(AgentExecutionQueryController, {
        get: getAgentExecution(context),
        list: listAgentExecutions(context),
        listBySession: listAgentExecutionsBySession(context),
        subscribe: subscribeAgentExecution(context),
      })
      .service(AgentInstanceQueryController, { get: getAgentInstance(context) })
      .service(SessionCommandController, {
        apply: applySession(context),
        create: createSession(context),
        update: updateSession(context),
        delete: deleteSession(context),
      })
      .service(SessionQueryController, {
        get: getSession(context),
        list: listSessions(context),
        listByAgent: listSessionsByAgent(context),
        listTurns: listSessionTurns(context),
      })
      .service(RunnerService, { getRunSecrets: getRunSecrets(context) })
      .service(WaitService, {
        listWaits: listWaits(context),
        getWait: getWait(context),
        redeliverWait: redeliverWait(context),
        abandonWait: abandonWait(context),
      });
  };
}
