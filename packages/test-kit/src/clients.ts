import { createClient, type Interceptor, type Client as RpcClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentCommandController, AgentQueryController } from '@token-handshake/proto/agent';
import {
  AgentExecutionCommandController,
  AgentExecutionQueryController,
} from '@token-handshake/proto/agentexecution';

/** Typed clients of one Stigmer server, over gRPC on one connection, which is opened again when it was lost. */
export interface StigmerClients extends Disposable {
  readonly agents: RpcClient<typeof AgentQueryController>;
  readonly agentCommands: RpcClient<typeof AgentCommandController>;
  readonly executions: RpcClient<typeof AgentExecutionQueryController>;
  readonly executionCommands: RpcClient<typeof AgentExecutionCommandController>;
}

/**
 * Makes the clients; `url` is `http://host:port`. They show `apiKey` with every request; without one they show nothing.
 * Disposing closes their connection.
 */
export function stigmerClients(url: string, apiKey?: string): StigmerClients {
  const sessionManager = new Http2SessionManager(url);
  const interceptors = apiKey === undefined ? [] : [bearing(apiKey)];
  const transport = createGrpcTransport({ baseUrl: url, sessionManager, interceptors });
  return {
    agents: createClient(AgentQueryController, transport),
    agentCommands: createClient(AgentCommandController, transport),
    executions: createClient(AgentExecutionQueryController, transport),
    executionCommands: createClient(AgentExecutionCommandController, transport),
    [Symbol.dispose]: () => sessionManager.abort(),
  };
}

function bearing(apiKey: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${apiKey}`);
    return next(request);
  };
}
