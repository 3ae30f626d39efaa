import { ApplicationFailure } from '@temporalio/common';
import { executionId } from '@token-handshake/core';
import type { AgentExecution } from '@token-handshake/proto/agentexecution';
import { requireAllowed } from '../agents/require-allowed.ts';
import type { StigmerContext } from '../context.ts';
import type { FailureType } from '../failure-types.ts';
import type { RunRequest, Runtime } from './runtime.ts';
import { runtimeOf } from './runtime-of.ts';

/** A run that can begin. */
export interface PreparedRun {
  /** Of the runtime, for metrics. */
  readonly name: string;
  readonly runtime: Runtime;
  readonly request: RunRequest;
}

/**
 * Finds out how the execution's agent is executed, and reads its secret values from the database.
 *
 * @throws ApplicationFailure `AgentNotRunnable`, non-retryable
 */
export async function prepareRun(
  { storage, config }: Pick<StigmerContext, 'storage' | 'config'>,
  { metadata, spec }: AgentExecution,
  { threadId, resumedFrom }: { readonly threadId: string; readonly resumedFrom?: string },
): Promise<PreparedRun> {
  const id = executionId(metadata?.id ?? '');
  const agentId = spec?.agentId ?? '';
  const stored = await storage.agents.find(agentId);
  const { maxOutputBytes, commandTimeoutMs } = config.runner;
  const runtime = stored && runtimeOf(stored.agent, { maxOutputBytes, defaultTimeoutMs: commandTimeoutMs });
  if (stored === undefined || runtime === undefined) {
    const what = stored === undefined ? 'is not known any more' : 'names no runtime of this runner';
    throw ApplicationFailure.nonRetryable(
      `the agent "${agentId}" ${what}: give its definition a runtime, or run a worker of your own on the runner's queue`,
      'AgentNotRunnable' satisfies FailureType,
    );
  }
  requireAllowed(stored, config);
  return {
    name: stored.agent.spec?.runtime?.kind.case ?? 'none',
    runtime,
    request: {
      executionId: id,
      threadId,
      message: spec?.message ?? '',
      environment: {
        ...Object.fromEntries(
          Object.entries(spec?.runtimeEnv ?? {}).map(([name, { value }]) => [name, value]),
        ),
        ...(await storage.executions.secrets(id)),
      },
      ...(resumedFrom !== undefined && { resumedFrom }),
      ...(stored.folder !== undefined && { folder: stored.folder }),
    },
  };
}
