import { ApplicationFailure } from '@temporalio/common';
import type { StigmerConfig } from '../config.ts';
import type { FailureType } from '../failure-types.ts';
import { runsProgram } from './agent-rules.ts';
import type { StoredAgent } from './agent-store.ts';

/** @throws ApplicationFailure `AgentNotRunnable`, non-retryable, where the settings do not allow such an agent any more */
export function requireAllowed(
  { agent, source }: StoredAgent,
  { agents }: Pick<StigmerConfig, 'agents'>,
): void {
  if (!runsProgram(agent) || source !== 'api' || agents.allowCommandsByApi) return;
  throw ApplicationFailure.nonRetryable(
    `the agent "${agent.metadata?.id}" runs a program or asks a model and was defined by the API, which ` +
      'ALLOW_COMMAND_AGENTS_BY_API does not allow any more: define it in the operator’s folder (AGENTS_DIR)',
    'AgentNotRunnable' satisfies FailureType,
  );
}
