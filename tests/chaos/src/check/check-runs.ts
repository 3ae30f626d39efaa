import type { AgentRun, CallEvidence, RunnerAttempt } from '../evidence/evidence.ts';
import type { CheckLimits } from './check.ts';
import type { Violation } from './violation.ts';

type Found = Omit<Violation, 'key'>;

/** Every execution beyond the first, and every run that nothing explains. */
export function checkRuns({ runs, executions }: CallEvidence, limits: CheckLimits): readonly Found[] {
  const found: Found[] = [];
  if (executions.length > 1) {
    found.push({ kind: 'DOUBLED', what: `${executions.map(({ id }) => id).join(' and ')} are of one call` });
  }
  const stray = runs.find(({ executionId }) => !executions.some(({ id }) => id === executionId));
  if (stray)
    found.push({
      kind: 'DOUBLED',
      what: `run ${stray.run} was of "${stray.executionId}", which is not stored`,
    });
  if (runs.length > 1) found.push(...unexplained(runs, executions[0]?.attempts ?? [], limits));
  return found;
}

/**
 * Runs and attempts are told by different places: a run by the agent, an attempt by Temporal. An attempt may have had
 * no run, when its runner was lost before the agent began; a run without an attempt of its own is one too many.
 */
function unexplained(
  runs: readonly AgentRun[],
  attempts: readonly RunnerAttempt[],
  { maxAttempts, maxLosses }: CheckLimits,
): readonly Found[] {
  if (runs.length > attempts.length) {
    return [
      { kind: 'DOUBLED', what: `the agent was run ${runs.length} times in ${attempts.length} attempts` },
    ];
  }
  const found: Found[] = [];
  // The last attempt may end in any way: nothing came after it.
  for (const [index, { kind }] of attempts.slice(0, -1).entries()) {
    if (kind === 'lost' || kind === 'failed') continue;
    found.push({ kind: 'DOUBLED', what: `attempt ${index + 1} was ${kind}, and another one followed` });
  }
  const failed = attempts.filter(({ kind }) => kind === 'failed').length;
  const lost = attempts.filter(({ kind }) => kind === 'lost').length;
  if (failed > maxAttempts)
    found.push({ kind: 'DOUBLED', what: `${failed} attempts failed, of ${maxAttempts}` });
  // The loss beyond the limit is the one that ends the run.
  if (lost > maxLosses + 1)
    found.push({ kind: 'DOUBLED', what: `${lost} runners were lost, of ${maxLosses}` });
  return found;
}
