import { create } from '@bufbuild/protobuf';
import { type AgentList, AgentListSchema, type ListAgentsRequest } from '@token-handshake/proto/agent';
import type { StigmerContext } from '../../context.ts';
import { pageFields, pageRequest } from '../paging.ts';

export const listAgents =
  ({ storage }: StigmerContext) =>
  async (request: ListAgentsRequest): Promise<AgentList> => {
    const page = await storage.agents.list(pageRequest(request));
    return create(AgentListSchema, { entries: page.entries.map(({ agent }) => agent), ...pageFields(page) });
  };
