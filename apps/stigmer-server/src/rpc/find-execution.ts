import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { Access } from '@token-handshake/service-kit';
import type { StigmerContext } from '../context.ts';
import type { StoredExecution } from '../executions/execution-store.ts';
import { visibleExecution } from '../executions/visible-execution.ts';
import { StigmerError } from '../stigmer-error.ts';

/**
 * An execution that the call's principal may see. Somebody else's does not exist for it.
 *
 * @throws StigmerError `EXECUTION_NOT_FOUND`
 */
export async function requireExecution(
  { storage }: StigmerContext,
  access: Access,
  id: string,
): Promise<StoredExecution> {
  const stored = await storage.executions.find(executionId(id));
  if (stored && stored.deletedAt === undefined && (await reaches(storage, access, id))) return stored;
  throw new StigmerError('EXECUTION_NOT_FOUND', `no execution has the id "${id}"`);
}

/** The execution as it is now, for an answer. @throws StigmerError `EXECUTION_NOT_FOUND` */
export async function currentExecution(
  context: StigmerContext,
  access: Access,
  id: string,
): Promise<AgentExecution> {
  const { execution } = await requireExecution(context, access, id);
  return visibleExecution(context.storage.ledger, execution);
}

async function reaches(
  { ledger }: StigmerContext['storage'],
  { principal, reach }: Access,
  id: string,
): Promise<boolean> {
  return reach === 'all' || (await ledger.find(executionId(id)))?.principal === principal.id;
}
