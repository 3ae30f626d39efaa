import type { DrivenCall } from '../calls/drive-call.ts';
import type { World } from '../world/world.ts';
import { agentRuns } from './agent-runs.ts';
import { type CalleeWorkflows, runnerAttempts } from './callee-workflows.ts';
import type { CallEvidence, ExecutionEvidence } from './evidence.ts';
import { storedExecutions } from './stored-executions.ts';

/** Brings together what Temporal, Stigmer's database and the agents' journal say of each call. */
export async function collectEvidence(
  world: World,
  calls: readonly DrivenCall[],
  workflows: CalleeWorkflows,
): Promise<CallEvidence[]> {
  world.journal.read();
  const runs = agentRuns(world.journal.lines);
  const executions = new Map<string, ExecutionEvidence[]>();
  for (const { key, execution } of storedExecutions(world)) {
    // Every run beyond the first has to be explained by the history.
    const attempts = (runs.get(key)?.length ?? 0) > 1 ? await runnerAttempts(world, execution.id) : undefined;
    const whole = { ...execution, workflow: workflows.statusOf(execution.id), ...(attempts && { attempts }) };
    executions.set(key, [...(executions.get(key) ?? []), whole]);
  }
  return calls.map(({ plan: { key, profile, hurried }, end, intervened }) => ({
    key,
    profile,
    hurried,
    ...(intervened && { intervened: intervened.kind }),
    ...(end && { caller: end }),
    runs: runs.get(key) ?? [],
    executions: executions.get(key) ?? [],
  }));
}
