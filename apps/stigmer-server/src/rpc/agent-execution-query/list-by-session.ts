import type { HandlerContext } from '@connectrpc/connect';
import type {
  AgentExecutionList,
  ListAgentExecutionsBySessionRequest,
} from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { listExecutions } from '../list-executions.ts';

export const listAgentExecutionsBySession =
  (context: StigmerContext) =>
  (request: ListAgentExecutionsBySessionRequest, { values }: HandlerContext): Promise<AgentExecutionList> =>
    listExecutions(context, accessOf(values), { sessionId: request.sessionId }, request);
