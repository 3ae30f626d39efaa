import type { JournalLine } from '../agent/journal.ts';
import type { AgentRun } from './evidence.ts';

/** The runs of each call, from what agents wrote down. */
export function agentRuns(lines: readonly JournalLine[]): Map<string, AgentRun[]> {
  const runs = new Map<string, AgentRun[]>();
  for (const line of lines) {
    const { key, run } = line;
    const known = runs.get(key) ?? [];
    if (line.event === 'began') {
      const { runner, pid, executionId, knowsSecret, at } = line;
      known.push({ run, runner, pid, executionId, knowsSecret, beganAt: at });
    } else {
      const index = known.findIndex((each) => each.run === run);
      const begun = known[index];
      if (begun) known[index] = { ...begun, answer: line.answer, endedAt: line.at };
    }
    runs.set(key, known);
  }
  return runs;
}
