import type {
  AgentExecutionList,
  ListAgentExecutionsBySessionRequest,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../../context.ts';
import { listExecutions } from '../list-executions.ts';

export const listAgentExecutionsBySession =
  (context: StigmerContext) =>
  (request: ListAgentExecutionsBySessionRequest): Promise<AgentExecutionList> =>
    listExecutions(context, { sessionId: request.sessionId }, request);
