import type { ExecutionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerConfig } from '../config.ts';
import type { Stores } from '../storage/storage.ts';
import { runnerCopy } from './runner-copy.ts';
import { runnerTerms } from './runner-terms.ts';

/**
 * What the runner of an execution is sent, with secret values unless it reads them itself; `null` when nothing is to be run: it has ended, or was
 * cancelled before it began. `undefined` when there is no such execution.
 */
export async function copyForRunner(
  { agents, executions, ledger }: Pick<Stores, 'agents' | 'executions' | 'ledger'>,
  executionId: ExecutionId,
  {
    config,
    secretsByReference,
  }: {
    readonly config: Pick<StigmerConfig, 'runner'>;
    /** What its runner was promised at the start. Default: what holds now. */
    readonly secretsByReference?: boolean | undefined;
  },
): Promise<AgentExecution | null | undefined> {
  const stored = await executions.find(executionId);
  if (stored === undefined) return undefined;
  const call = await ledger.find(executionId);
  if (stored.finalAt !== undefined || call?.cancelCause !== undefined) return null;
  const agent = await agents.find(stored.execution.spec?.agentId ?? '');
  const readsSecrets = secretsByReference ?? runnerTerms(agent?.agent, config).secretsByReference;
  return runnerCopy(stored.execution, readsSecrets ? {} : await executions.secrets(executionId));
}
