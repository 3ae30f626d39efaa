import {
  type AgentExecutionList,
  ExecutionPhase,
  type ListAgentExecutionsRequest,
} from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../../context.ts';
import { listExecutions } from '../list-executions.ts';

export const listAgentExecutions =
  (context: StigmerContext) =>
  (request: ListAgentExecutionsRequest): Promise<AgentExecutionList> => {
    const { phase, tags } = request;
    const all = phase === ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED;
    return listExecutions(context, { tags, ...(!all && { phase }) }, request);
  };
