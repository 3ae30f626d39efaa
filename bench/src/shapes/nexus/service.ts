import { operation, service } from 'nexus-rpc';

/** The endpoint that leads to the callee's queue. */
export const NEXUS_ENDPOINT = 'bench-callee';

/** What the operation is given. */
export interface AgentRequest {
  readonly workflowId: string;
  readonly message: string;
}

/** The contract between caller and callee. */
export const agentService = service('agent', { answer: operation<AgentRequest, string>() });
