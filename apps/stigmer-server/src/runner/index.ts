import type { StigmerContext } from '../context.ts';
import type { RunnerActivities } from '../workflows/activity-types.ts';
import { ensureThread } from './ensure-thread.ts';
import { executeGraphton } from './execute-graphton.ts';

/** The activities of the embedded runner, by the names that every runner has. */
export function runnerActivities(context: StigmerContext): RunnerActivities {
  return { EnsureThread: ensureThread, ExecuteGraphton: executeGraphton(context) };
}
