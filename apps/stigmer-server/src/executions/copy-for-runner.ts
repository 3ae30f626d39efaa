import type { ExecutionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import type { StigmerConfig } from '../config.ts';
import type { Stores } from '../storage/storage.ts';
import { runnerCopy } from './runner-copy.ts';
import { type RunnerTerms, runnerTerms } from './runner-terms.ts';

/** An execution as its runner is sent it. */
export interface CopyForRunner {
  /** With secret values, unless the runner reads them itself. */
  readonly copy: AgentExecution;
  /** How the runner wants to be treated now. */
  readonly terms: RunnerTerms;
}

/**
 * What the runner of an execution is sent; `null` when nothing is to be run: it has ended, or was cancelled before it
 * began. `undefined` when there is no such execution.
 *
 * @param secretsByReference what the runner was promised at the start; by default its terms decide
 */
export async function copyForRunner(
  { agents, executions, ledger }: Pick<Stores, 'agents' | 'executions' | 'ledger'>,
  executionId: ExecutionId,
  config: Pick<StigmerConfig, 'runner'>,
  secretsByReference?: boolean,
): Promise<CopyForRunner | null | undefined> {
  const stored = await executions.find(executionId);
  if (stored === undefined) return undefined;
  const call = await ledger.find(executionId);
  if (stored.finalAt !== undefined || call?.cancelCause !== undefined) return null;
  const agent = await agents.find(stored.execution.spec?.agentId ?? '');
  const terms = runnerTerms(agent?.agent, config);
  const readsSecrets = secretsByReference ?? terms.secretsByReference;
  const secrets = readsSecrets ? {} : await executions.secrets(executionId);
  return { copy: runnerCopy(stored.execution, secrets), terms };
}
