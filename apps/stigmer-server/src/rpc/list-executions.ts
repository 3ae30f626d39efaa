import { create } from '@bufbuild/protobuf';
import { type AgentExecutionList, AgentExecutionListSchema } from '@token-handshake/proto/agentexecution';
import type { Access } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import type { ExecutionFilter } from '../executions/execution-store.ts';
import { visibleExecution } from '../executions/visible-execution.ts';
import { pageFields, pageRequest } from './paging.ts';

/** One page of the executions that the call's principal may see, as they are shown. */
export async function listExecutions(
  { storage }: StigmerContext,
  { principal, reach }: Access,
  conditions: ExecutionFilter,
  paging: { readonly pageSize: number; readonly pageToken: string },
): Promise<AgentExecutionList> {
  const filter = { ...conditions, ...(reach === 'own' && { principal: principal.id }) };
  const page = await storage.executions.list(filter, pageRequest(paging));
  return create(AgentExecutionListSchema, {
    entries: await Promise.all(page.entries.map((entry) => visibleExecution(storage.ledger, entry))),
    ...pageFields(page),
  });
}
