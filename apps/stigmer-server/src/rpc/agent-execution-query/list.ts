import type { HandlerContext } from '@connectrpc/connect';
import {
  type AgentExecutionList,
  ExecutionPhase,
  type ListAgentExecutionsRequest,
} from '@token-handshake/proto/agentexecution';
import { accessOf } from '@token-handshake/service-kit';
import type { StigmerContext } from '../../context.ts';
import { listExecutions } from '../list-executions.ts';

export const listAgentExecutions =
  (context: StigmerContext) =>
  (request: ListAgentExecutionsRequest, { values }: HandlerContext): Promise<AgentExecutionList> => {
    const { phase, tags } = request;
    const all = phase === ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED;
    return listExecutions(context, accessOf(values), { tags, ...(!all && { phase }) }, request);
  };
