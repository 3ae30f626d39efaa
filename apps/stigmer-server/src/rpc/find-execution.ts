import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerContext } from '../context.ts';
import type { StoredExecution } from '../executions/execution-store.ts';
import { visibleExecution } from '../executions/visible-execution.ts';
import { StigmerError } from '../stigmer-error.ts';

/** An execution that clients may see. @throws StigmerError `EXECUTION_NOT_FOUND` */
export async function requireExecution({ storage }: StigmerContext, id: string): Promise<StoredExecution> {
  const stored = await storage.executions.find(executionId(id));
  if (stored && stored.deletedAt === undefined) return stored;
  throw new StigmerError('EXECUTION_NOT_FOUND', `no execution has the id "${id}"`);
}

/** The execution as it is now, for an answer. @throws StigmerError `EXECUTION_NOT_FOUND` */
export async function currentExecution(context: StigmerContext, id: string): Promise<AgentExecution> {
  const { execution } = await requireExecution(context, id);
  return visibleExecution(context.storage.ledger, execution);
}
