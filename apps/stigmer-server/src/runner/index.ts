import type { StigmerContext } from '../context.ts';
import { modelActivities } from '../models/index.ts';
import type { RunnerActivities } from '../workflows/activity-types.ts';
import type { ModelActivities } from '../workflows/conversation-types.ts';
import { ensureThread } from './ensure-thread.ts';
import { executeGraphton } from './execute-graphton.ts';

/** The activities of the embedded runner: those that every runner has, and those for models. */
export function runnerActivities(context: StigmerContext): RunnerActivities & ModelActivities {
  return {
    EnsureThread: ensureThread,
    ExecuteGraphton: executeGraphton(context),
    ...modelActivities(context),
  };
}
