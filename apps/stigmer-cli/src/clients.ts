import { type Client, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentCommandController, AgentQueryController } from '@token-handshake/proto/agent';
import {
  AgentExecutionCommandController,
  AgentExecutionQueryController,
} from '@token-handshake/proto/agentexecution';
import { SessionQueryController } from '@token-handshake/proto/session';
import { WaitService } from '@token-handshake/proto/tokenhandshake';
import type { Connection } from './connection.ts';

/** A connection that says nothing for so long is asked whether it is still there. */
const PING_AFTER_MS = 15_000;
const PING_TIMEOUT_MS = 10_000;

/** The server's API, on one connection. */
export interface Clients extends Disposable {
  readonly agents: Client<typeof AgentQueryController>;
  readonly agentCommands: Client<typeof AgentCommandController>;
  readonly executions: Client<typeof AgentExecutionQueryController>;
  readonly executionCommands: Client<typeof AgentExecutionCommandController>;
  readonly sessions: Client<typeof SessionQueryController>;
  readonly waits: Client<typeof WaitService>;
}

/** Makes the clients; nothing is connected before the first call. */
export function connect({ endpoint, apiKey }: Connection): Clients {
  const sessionManager = new Http2SessionManager(endpoint, {
    pingIntervalMs: PING_AFTER_MS,
    pingTimeoutMs: PING_TIMEOUT_MS,
  });
  const shows: Interceptor = (next) => (request) => {
    if (apiKey !== undefined) request.header.set('authorization', `Bearer ${apiKey}`);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: endpoint, sessionManager, interceptors: [shows] });
  return {
    agents: createClient(AgentQueryController, transport),
    agentCommands: createClient(AgentCommandController, transport),
    executions: createClient(AgentExecutionQueryController, transport),
    executionCommands: createClient(AgentExecutionCommandController, transport),
    sessions: createClient(SessionQueryController, transport),
    waits: createClient(WaitService, transport),
    [Symbol.dispose]: () => sessionManager.abort(),
  };
}
