import { create } from '@bufbuild/protobuf';
import { type CallOptions, createClient, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { type Agent, AgentQueryController } from '@token-handshake/proto/agent';
import {
  type AgentExecution,
  AgentExecutionCommandController,
  AgentExecutionQueryController,
} from '@token-handshake/proto/agentexecution';
import {
  ApiResourceKind,
  ApiResourceOwnerScope,
  ApiResourceReferenceSchema,
} from '@token-handshake/proto/apiresource';

/** An answer may hold a finished execution, which is at most 1.5 MiB in its JSON form. */
const READ_MAX_BYTES = 16 * 1024 * 1024;
/** A connection that answers no ping is dropped, so that the next try opens a new one. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
const IDLE_MS = 60_000;

/** Where Stigmer is. */
export interface StigmerClientOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly endpoint: string;
  /** Shown with every request. */
  readonly apiKey?: string | undefined;
  /** Organisation of agents that are named without one. */
  readonly organization?: string | undefined;
}

/** The bounds of one request. */
export type RequestBounds = Pick<CallOptions, 'signal' | 'timeoutMs'>;

/** The part of Stigmer's API that calls need. Errors are Connect's. */
export interface StigmerClient {
  /** @param agent - a slug, or `organisation/slug` */
  findAgent(agent: string, bounds: RequestBounds): Promise<Agent>;
  findExecution(executionId: string, bounds: RequestBounds): Promise<AgentExecution>;
  /** @param idempotencyKey - equal for every try of one call */
  createExecution(
    execution: AgentExecution,
    idempotencyKey: string,
    bounds: RequestBounds,
  ): Promise<AgentExecution>;
  /** Closes the connection; requests on it fail. */
  close(): void;
}

/** Speaks gRPC over one HTTP/2 connection, opened with the first request and again when it was lost. */
export function createStigmerClient(options: StigmerClientOptions): StigmerClient {
  const { endpoint, apiKey, organization } = options;
  const sessionManager = new Http2SessionManager(endpoint, {
    pingIntervalMs: PING_INTERVAL_MS,
    pingTimeoutMs: PING_TIMEOUT_MS,
    idleConnectionTimeoutMs: IDLE_MS,
  });
  const transport = createGrpcTransport({
    baseUrl: endpoint,
    sessionManager,
    readMaxBytes: READ_MAX_BYTES,
    interceptors: apiKey === undefined ? [] : [bearing(apiKey)],
  });
  const agents = createClient(AgentQueryController, transport);
  const executions = createClient(AgentExecutionCommandController, transport);
  const known = createClient(AgentExecutionQueryController, transport);
  return {
    findAgent(agent, bounds) {
      const [slug = '', org = organization ?? ''] = agent.split('/').reverse();
      const scope = org === '' ? ApiResourceOwnerScope.platform : ApiResourceOwnerScope.organization;
      const reference = create(ApiResourceReferenceSchema, { scope, org, kind: ApiResourceKind.agent, slug });
      return agents.getByReference(reference, bounds);
    },
    findExecution: (executionId, bounds) => known.get({ value: executionId }, bounds),
    createExecution(execution, idempotencyKey, bounds) {
      return executions.create(execution, { ...bounds, headers: { 'Idempotency-Key': idempotencyKey } });
    },
    close: () => sessionManager.abort(),
  };
}

function bearing(apiKey: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${apiKey}`);
    return next(request);
  };
}
